// What TLS costs clients: the same load in plain text and over TLS, on the same servers, in turn. Both kinds
// of servers get the same certificates, and ask clients for theirs. Java's server has Netty for both.

import { freePorts } from '../ensemble/ports.ts'
import { makeCertificate, tlsConfiguration } from '../load/certificate.ts'
import { packed } from '../load/histogram.ts'
import { OPERATIONS, shapeOf } from '../load/spec.ts'
import type { Question } from '../question.ts'

export const tls: Question = {
  name: 'tls',
  summary: 'requests a second over TLS, and in plain text on the same server',
  options: {
    'tls-operations': { full: 'set,get', quick: 'set,get', help: OPERATIONS.join(', ') },
    'tls-shape': { full: '10x16', quick: '10x16', help: 'connections x outstanding on each' },
    'tls-rounds': { full: '3', quick: '1', help: 'of plain text and TLS in turn' },
    'tls-seconds': { full: '5', quick: '2', help: 'measured, of each' },
    'tls-warmup': { full: '3', quick: '1', help: 'seconds before it' },
  },
  async run(context) {
    const certificate = makeCertificate()
    const [port = 0] = await freePorts(1)
    const configuration = [...tlsConfiguration(certificate), `secureClientPort=${port}`]
    try {
      await context.withServers(
        1,
        async (servers) => {
          await context.warm(servers)
          const rounds = Array.from({ length: context.number('tls-rounds') })
          for (const name of context.list('tls-operations')) {
            for (const how of rounds.flatMap(() => ['plain text', 'TLS'])) {
              const variant = `${name} ${context.text('tls-shape')}, ${how}`
              context.say(variant)
              const { result, metrics } = await context.load(servers, {
                mix: [{ operation: operationOf(name), share: 1 }],
                ...shapeOf(context.text('tls-shape')),
                seconds: context.number('tls-seconds'),
                warmupSeconds: context.number('tls-warmup'),
                ...(how === 'TLS' && { ports: [port], tls: certificate.options }),
              })
              context.answer({ variant, metrics, latency: packed(result.latency) })
            }
          }
        },
        { configuration },
      )
    } finally {
      certificate.remove()
    }
  },
}

function operationOf(name: string): (typeof OPERATIONS)[number] {
  const operation = OPERATIONS.find((one) => one === name)
  if (operation === undefined) throw new Error(`there is no operation ${name}`)
  return operation
}
