// Every client with every kind of certificate, good and bad: whom our server serves, and what it says and
// counts of whom it does not.

import { match, ok, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import type { Member } from '../../perf/ensemble/member.ts'
import { freePorts } from '../../perf/ensemble/ports.ts'
import type { RefusalReason } from '../../runtime/net/input/refusals.ts'
import { type Holder, OPENSSL_MISSING, TestCa } from '../support/test-ca.ts'
import { until } from '../support/until.ts'
import { C_CLIENT_MISSING, compileCClient } from './c-client.ts'
import {
  type CertificateClient,
  type Credentials,
  certificateClients,
} from './certificate-clients.ts'
import { Running } from './running.ts'

const WHOLE_MS_MAX = 60_000
const WAIT_MS = 60_000
const HERE = '127.0.0.1'
const NAMES = `IP:${HERE}`

interface Case {
  /** The client's certificate; null: it has none. */
  readonly holder: Holder | null
  readonly port: 'plain' | 'secure' | 'elsewhere'
  readonly isPlainText?: boolean
  readonly reason: RefusalReason
  /** What the log's line says is wrong. */
  readonly problem: RegExp
  /** Why a client has no such case. */
  readonly skip?: string | false
}

describe('certificates', { skip: OPENSSL_MISSING }, () => {
  let ca: TestCa
  let stranger: TestCa
  let ensemble: Ensemble
  let elsewhere: Ensemble
  let member: Member
  let ports: Readonly<Record<Case['port'], number>>
  let alice: Holder
  let revoked: Holder
  let cProgram = ''

  before(async () => {
    ca = new TestCa()
    stranger = new TestCa('Another CA')
    alice = ca.issue('alice', { names: NAMES })
    revoked = ca.issue('revoked', { names: NAMES })
    const list = ca.revoke(revoked)
    const [secure = 0, other = 0] = await freePorts(2)
    const server = (names: string, port: number): Promise<Ensemble> =>
      Ensemble.prepare({
        servers: 1,
        configuration: [
          `secureClientPort=${port}`,
          `secureClientPortAddress=${HERE}`,
          `ssl.keyStore.location=${ca.issue('server', { names }).both}`,
          `ssl.trustStore.location=${ca.root}`,
          'ssl.clientHostnameVerification=true',
          'ssl.crl=true',
          `ringkeeper.ssl.crlLocations=${list}`,
        ],
      })
    ensemble = await server(`DNS:localhost,${NAMES}`, secure)
    elsewhere = await server('DNS:elsewhere.example.org', other)
    for (const one of [ensemble, elsewhere]) one.start()
    member = await ensemble.whole(WHOLE_MS_MAX)
    await elsewhere.whole(WHOLE_MS_MAX)
    ports = { plain: member.clientPort, secure, elsewhere: other }
    if (C_CLIENT_MISSING === false) cProgram = compileCClient(ca.folder)
  })
  after(async () => {
    await ensemble?.end()
    await elsewhere?.end()
    ca.remove()
    stranger.remove()
  })

  const by = (holder: Holder | null): Credentials => ({ trusted: ca.root, holder })

  for (const [name, client] of Object.entries(certificateClients(() => cProgram))) {
    describe(name, { skip: client.missing }, () => {
      test('is served with a good one', async () => {
        const running = new Running(client.invoke(`${HERE}:${ports.secure}`, by(alice)))
        try {
          await until('it is served', WAIT_MS, () => running.isServed)
        } finally {
          await running.end()
        }
      })

      for (const [what, caseOf] of Object.entries(cases(name, client))) {
        const { skip = false } = caseOf
        test(`is not served ${what}`, { skip }, async () => await isRefused(client, caseOf.of()))
      }
    })
  }

  /** Made when the test runs: before that there is no authority. */
  function cases(
    name: string,
    { needsNone, checksHost, hidesForeign }: CertificateClient,
  ): Readonly<Record<string, { readonly skip?: string | false; of(): Case }>> {
    const id = name.replaceAll(/\W/g, '')
    const untrusted = 'untrusted-client-certificate'
    const bad = (what: string, problem: RegExp, wishes: Parameters<TestCa['issue']>[1]) => ({
      of: (): Case => {
        const holder = ca.issue(`${what}-${id}`, { names: NAMES, ...wishes })
        return { holder, port: 'secure', reason: untrusted, problem }
      },
    })
    return {
      'with one that has expired': bad('late', /^expired on /, { from: -9, to: -1 }),
      'with one that is not valid yet': bad('early', /^is not valid before /, { from: 1, to: 9 }),
      'with one of another issuer': {
        of: () => ({
          holder: stranger.issue(`mallory-${id}`, { names: NAMES }),
          port: 'secure',
          reason: hidesForeign ? 'no-client-certificate' : untrusted,
          problem: hidesForeign ? /issuer/ : /^is signed by nobody in the trust store/,
        }),
      },
      'with one for another host': bad('there', /^does not name 127\.0\.0\.1/, {
        names: 'IP:10.0.0.1',
      }),
      'with one that is revoked': {
        of: () => ({ holder: revoked, port: 'secure', reason: untrusted, problem: /^is revoked/ }),
      },
      'without one': {
        skip: !needsNone && 'it does not connect without one',
        of: () => ({
          holder: null,
          port: 'secure',
          reason: 'no-client-certificate',
          problem: /showed no certificate/,
        }),
      },
      'in plain text, where TLS is spoken': {
        of: () => ({
          holder: null,
          isPlainText: true,
          port: 'secure',
          reason: 'plain-text-on-tls-port',
          problem: /takes only TLS/,
        }),
      },
      'by TLS, where none is spoken': {
        of: () => ({
          holder: alice,
          port: 'plain',
          reason: 'tls-on-plain-port',
          problem: /secureClientPort/,
        }),
      },
      'by a server that is not the one it seeks': {
        skip: !checksHost && 'it does not look at the host',
        of: () => ({
          holder: alice,
          port: 'elsewhere',
          reason: 'tls-handshake-failed',
          problem: /does not trust our certificate/,
        }),
      },
    }
  }

  async function isRefused(client: CertificateClient, one: Case): Promise<void> {
    const { holder, port, isPlainText = false, reason, problem } = one
    const at = port === 'elsewhere' ? elsewhere.members[0]! : member
    const counted = await countOf(at, reason)
    const seen = at.lines.length
    const credentials = isPlainText ? null : by(holder)
    const running = new Running(client.invoke(`${HERE}:${ports[port]}`, credentials))
    const said = (): string => running.output
    try {
      let line: Record<string, unknown> | undefined
      await until(`the log names the refusal, and the client says\n${said()}`, WAIT_MS, () => {
        line = refusals(at, seen).find((each) => {
          const isOwn = reason !== 'untrusted-client-certificate' || isOf(each, holder)
          return each['reason'] === reason && isOwn
        })
        return line !== undefined
      })
      match(String(line?.['problem']), problem)
      ok((await countOf(at, reason)) > counted)
      strictEqual(running.isServed, false, said())
    } finally {
      await running.end()
    }
  }
})

/** Whether a line of the log names this certificate. */
function isOf(line: Readonly<Record<string, unknown>>, holder: Holder | null): boolean {
  return holder !== null && line['serial'] === holder.serial
}

function refusals(member: Member, from: number): Record<string, unknown>[] {
  return member.lines
    .slice(from)
    .filter((line) => line.includes('"msg":"refused"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

async function countOf(member: Member, reason: RefusalReason): Promise<number> {
  const name = `zk_ringkeeper_refused_${reason.replaceAll('-', '_')}`
  const [, count] = new RegExp(`^${name}\\s+(\\d+)$`, 'm').exec(await member.word('mntr')) ?? []
  ok(count !== undefined, `mntr has no ${name}`)
  return Number(count)
}
