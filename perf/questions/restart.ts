// A server with many znodes is killed and started again: how long until a client is served.

import { setTimeout as pause } from 'node:timers/promises'
import { fill } from '../load/fill.ts'
import { Session } from '../load/session.ts'
import type { Question } from '../question.ts'
import { plural } from './words.ts'

const POLL_MS = 2
const SESSION_MS = 30_000

export const restart: Question = {
  name: 'restart',
  summary: 'time from the start to the first client served, with N znodes on disk',
  options: {
    'restart-znodes': { full: '600000', quick: '100000', help: 'znodes' },
    'restart-runs': { full: '3', quick: '2', help: 'restarts a repetition' },
  },
  async run(context) {
    const count = context.number('restart-znodes')
    await context.withServers(1, async (servers) => {
      context.say(`filling with ${plural(count, 'znode')}`)
      await fill(servers.ports[0]!, count, context.number('bytes'))
      const member = servers.ensemble.member(1)
      for (let run = 1; run <= context.number('restart-runs'); run++) {
        context.say(`restart ${run}`)
        await member.kill()
        const startMs = performance.now()
        member.start()
        // A server that starts may take a handshake and never answer it: it is asked beforehand.
        while ((await member.state()) === null) await pause(POLL_MS)
        const session = await Session.open(member.clientPort, SESSION_MS)
        const serveMs = performance.now() - startMs
        await session.close()
        const metrics = { serveMs, serverCpuSeconds: servers.cpuSeconds() }
        context.answer({ variant: plural(count, 'znode'), metrics })
      }
    })
  },
}
