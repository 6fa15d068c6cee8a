// Servers that talk to each other over TLS, as processes of their own: who comes in, who is kept out and
// what the log says of it, certificates that are replaced, and the way there and back while clients write.

import { match, strictEqual } from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { Writer } from '../compat/ensemble/acknowledged.ts'
import type { Member } from '../compat/ensemble/member.ts'
import { MixedEnsemble } from '../compat/ensemble/mixed-ensemble.ts'
import { jksOf } from '../runtime/tls/jks-writer.ts'
import { type Holder, OPENSSL_MISSING, TestCa } from '../support/test-ca.ts'
import { until } from '../support/until.ts'

const WRITES = 100
const SAYS_MS_MAX = 60_000
/** Connections of somebody who has no certificate. */
const CROWD = 600

describe('TLS between servers', { skip: OPENSSL_MISSING }, () => {
  let ca: TestCa
  let good: Holder
  let ensemble: MixedEnsemble

  before(() => {
    ca = new TestCa()
    good = ca.issue('member', { names: 'IP:127.0.0.1' })
  })
  after(() => ca.remove())
  afterEach(() => ensemble.stop())

  const stores = (file = good.both): string[] => [
    `ssl.quorum.keyStore.location=${file}`,
    `ssl.quorum.trustStore.location=${ca.root}`,
  ]
  const tls = (file?: string): string[] => ['sslQuorum=true', ...stores(file)]

  /** Nothing runs yet. `third`: lines of the one with the largest id. */
  const prepare = async (all: readonly string[], third = all): Promise<void> => {
    ensemble = await MixedEnsemble.prepare({ kinds: ['ours', 'ours', 'ours'] })
    for (const member of ensemble.members) member.configure(...(member.id === 3 ? third : all))
  }

  const writing = async (path: string): Promise<Writer> => {
    const writer = new Writer(path, ensemble.client())
    await writer.start()
    await writer.goesOn(WRITES)
    return writer
  }

  test('three of them write, lose their leader, and go on', async () => {
    await prepare(tls())
    await ensemble.start(3)
    const writer = await writing('/written')
    const leader = ensemble.member(3)
    await leader.kill()
    await ensemble.leader()
    await writer.goesOn(WRITES)
    leader.start()
    await leader.serves('follower')
    await writer.goesOn(WRITES)
    await writer.stop()
    writer.check(await ensemble.agrees())
  })

  const STRANGERS: readonly (readonly [string, () => string[], RegExp])[] = [
    [
      'whose certificate somebody else has signed',
      () => {
        const other = new TestCa('Other CA')
        const { both } = other.issue('stranger', { names: 'IP:127.0.0.1' })
        const file = join(ca.folder, 'stranger.pem')
        copyFileSync(both, file)
        other.remove()
        return tls(file)
      },
      /"subject":"CN=stranger".*"problem":"is signed by nobody in the trust store/,
    ],
    [
      'whose certificate has expired',
      () => tls(ca.issue('late', { names: 'IP:127.0.0.1', from: -9, to: -2 }).both),
      /"subject":"CN=late".*"problem":"expired on /,
    ],
    [
      'whose certificate names another host',
      () => tls(ca.issue('elsewhere', { names: 'IP:10.9.8.7,DNS:elsewhere' }).both),
      /"subject":"CN=elsewhere".*"problem":"names neither 127\.0\.0\.1, from where it came/,
    ],
    ['without TLS', () => [], /"problem":"does not speak TLS: set sslQuorum=true there/],
  ]
  for (const [who, lines, words] of STRANGERS) {
    test(`a server ${who} is kept out`, async () => {
      await prepare(tls(), lines())
      const [one, two, third] = [1, 2, 3].map((id) => ensemble.member(id)) as [
        Member,
        Member,
        Member,
      ]
      one.start()
      two.start()
      await two.serves('leader')
      third.start()
      await until('server 2 says why', SAYS_MS_MAX, () => words.test(two.log))
      match(lineOf(two.log, words), /"level":40.*"address":"127\.0\.0\.1","port":\d+/)
      // It came to server 2, or server 2 came to it.
      match(lineOf(two.log, words), /peer-refused|peer-tls-failed/)
      await third.servesNobody()
      const isCounted = async (): Promise<boolean> => {
        const metrics = await two.word('mntr')
        return /zk_ringkeeper_unsuccessful_peer_handshakes\t[1-9]/.test(metrics)
      }
      await until('it is counted', SAYS_MS_MAX, isCounted)
      strictEqual(await two.mode(), 'leader')
    })
  }

  test('a server whose certificate is revoked is kept out', async () => {
    const gone = ca.issue('gone', { names: 'IP:127.0.0.1' })
    const lists = ['ssl.quorum.crl=true', `ringkeeper.ssl.quorum.crlLocations=${ca.revoke(gone)}`]
    await prepare([...tls(), ...lists], tls(gone.both))
    const [one, two, third] = ensemble.members
    one!.start()
    two!.start()
    await two!.serves('leader')
    third!.start()
    const words = /"subject":"CN=gone".*"problem":"is revoked /
    await until('server 2 says why', SAYS_MS_MAX, () => words.test(two!.log))
    await third!.servesNobody()
    strictEqual(await two!.mode(), 'leader')
  })

  test('stores may be of any kind, one on each server', async () => {
    const password = 'sesame'
    const der = (file: string): Uint8Array => new X509Certificate(readFileSync(file)).raw
    const put = (name: string, bytes: Uint8Array): string => {
      const file = join(ca.folder, name)
      writeFileSync(file, bytes)
      return file
    }
    const key = createPrivateKey(readFileSync(good.key)).export({ format: 'der', type: 'pkcs8' })
    const chain = [der(good.certificate), der(ca.root)]
    const jks = put('own.jks', jksOf({ entries: [{ key, chain }] }, password))
    const trust = put('trust.jks', jksOf({ trusted: [der(ca.root)] }, password))
    await prepare(tls())
    const [first, , third] = ensemble.members
    first!.configure(
      `ssl.quorum.keyStore.location=${jks}`,
      `ssl.quorum.keyStore.password=${password}`,
      `ssl.quorum.trustStore.location=${trust}`,
      `ssl.quorum.trustStore.password=${password}`,
    )
    third!.configure(
      `ssl.quorum.keyStore.location=${ca.pkcs12(good, password)}`,
      `ssl.quorum.keyStore.password=${password}`,
    )
    await ensemble.start(3)
    const writer = await writing('/kinds')
    await writer.stop()
    writer.check(await ensemble.agrees())
  })

  test('a crowd that shakes hands on both ports of the leader holds up nobody', async () => {
    await prepare(tls())
    await ensemble.start(3)
    const leader = ensemble.member(3)
    const writer = await writing('/crowded')
    const before = epochOf(await leader.zxid())
    const ports = await peerPorts(leader)
    const crowd = Array.from({ length: CROWD }, (_, i) => stranger(ports[i % 2]!))
    await writer.goesOn(WRITES)
    await Promise.all(crowd)
    await writer.goesOn(WRITES)
    strictEqual(epochOf(await leader.zxid()), before)
    const [one] = ensemble.members
    await one!.stop()
    one!.start()
    await one!.serves('follower')
    await writer.stop()
    writer.check(await ensemble.agrees())
  })

  test('certificates are replaced while it runs, and nobody notices', async () => {
    const file = join(ca.folder, 'replaced.pem')
    copyFileSync(good.both, file)
    await prepare([...tls(file), 'sslQuorumReloadCertFiles=true'])
    await ensemble.start(3)
    const writer = await writing('/replaced')
    const before = epochOf(await ensemble.member(3).zxid())
    const renewed = ca.issue('renewed', { names: 'IP:127.0.0.1' })
    copyFileSync(renewed.both, `${file}.new`)
    renameSync(`${file}.new`, file)
    const again = /"subject":"CN=renewed".*certificates read again/
    for (const member of ensemble.members) {
      await until(`${member.name} reads them`, SAYS_MS_MAX, () => again.test(member.log))
    }
    for (const port of await peerPorts(ensemble.member(3))) {
      await until('the port shows the new one', SAYS_MS_MAX, async () => {
        return (await shownAt(port, renewed, ca)) === 'renewed'
      })
    }
    await writer.goesOn(WRITES)
    strictEqual(epochOf(await ensemble.member(3).zxid()), before)
    const [one] = ensemble.members
    await one!.stop()
    one!.start()
    await one!.serves('follower')
    await writer.goesOn(WRITES)
    await writer.stop()
    writer.check(await ensemble.agrees())
  })

  test('from plain to TLS and back, server by server, while clients write', async () => {
    const steps = [
      'portUnification=true',
      'sslQuorum=true',
      'portUnification=false',
      'portUnification=true',
      'sslQuorum=false',
      'portUnification=false',
    ]
    await prepare(stores())
    await ensemble.start(3)
    const writer = await writing('/rolling')
    for (const line of steps) {
      // Those that follow first.
      const leader = await ensemble.leader()
      for (const member of [...ensemble.others(leader), leader]) {
        member.configure(line)
        await member.stop()
        await ensemble.leader()
        member.start()
        await member.serves()
        await writer.goesOn(WRITES)
      }
    }
    await writer.stop()
    writer.check(await ensemble.agrees())
  })
})

function lineOf(log: string, words: RegExp): string {
  return log.split('\n').find((line) => words.test(line)) ?? ''
}

function epochOf(zxid: string | null): string | undefined {
  return zxid?.slice(0, -8)
}

/** Shakes hands without a certificate. Resolves when it has been sent away. */
function stranger(port: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  socket.on('error', () => undefined).resume()
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

/** Where it listens for learners, and for votes. */
async function peerPorts(member: Member): Promise<number[]> {
  const client = member.connect()
  try {
    const text = Buffer.from((await client.getConfig()).data ?? []).toString()
    const [, ...ports] =
      new RegExp(`^server\\.${member.id}=[^:]*:(\\d+):(\\d+)`, 'm').exec(text) ?? []
    return ports.map(Number)
  } finally {
    client.connection.abandon()
  }
}

/** Whose certificate a port shows. */
async function shownAt(port: number, { both }: Holder, ca: TestCa): Promise<unknown> {
  const pem = readFileSync(both)
  const options = { host: '127.0.0.1', port, key: pem, cert: pem, ca: readFileSync(ca.root) }
  const socket: TLSSocket = connect(options)
  try {
    await once(socket, 'secureConnect')
    return socket.getPeerCertificate().subject.CN
  } finally {
    socket.destroy()
  }
}
