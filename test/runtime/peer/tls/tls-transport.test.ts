// Two servers' transports with TLS, over loopback: who comes through to whom, and what is said of the others.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { quorumTlsOf } from '../../../../config/settings/quorum-tls.ts'
import { ENSEMBLE_DEFAULTS } from '../../../../config/settings/registry.ts'
import type { Member } from '../../../../protocol/quorum/membership-config.ts'
import {
  HeldCredentials,
  type PeerTlsOptions,
  tlsTransport,
} from '../../../../runtime/peer/tls/tls-transport.ts'
import type { Listener, Transport } from '../../../../runtime/peer/transport.ts'
import { readCredentials } from '../../../../runtime/tls/credentials.ts'
import { type Holder, OPENSSL_MISSING, TestCa } from '../../../support/test-ca.ts'
import { until, within } from '../../../support/until.ts'

const WAIT_MS = 20_000
const LOOPBACK = '127.0.0.1'

/** What a test sees of one server. */
interface Side {
  readonly transport: Transport
  readonly credentials: HeldCredentials
  readonly said: Readonly<Record<string, unknown>>[]
  failed: number
  /** What has come through, and their first bytes. */
  readonly accepted: Socket[]
  readonly heard: string[]
  port: Listener | null
}

type Wishes = Partial<PeerTlsOptions> & { readonly members?: readonly string[] }

describe('TLS under the links of servers', { skip: OPENSSL_MISSING }, () => {
  let ca: TestCa
  let good: Holder
  const sides: Side[] = []
  const closers: (() => void)[] = []

  before(() => {
    ca = new TestCa()
    good = ca.issue('good', { names: `IP:${LOOPBACK}` })
  })
  after(() => ca.remove())
  afterEach(() => {
    for (const { port, accepted } of sides) {
      port?.close()
      for (const socket of accepted) socket.destroy()
    }
    for (const close of closers) close()
    sides.length = closers.length = 0
  })

  async function sideOf(holder: Holder, wishes: Wishes = {}, trust = ca.root): Promise<Side> {
    const settings = quorumTlsOf({
      ...ENSEMBLE_DEFAULTS,
      sslQuorumKeyStoreLocation: holder.both,
      sslQuorumTrustStoreLocation: trust,
    })
    const { members = [], ...options } = wishes
    const { context } = await readCredentials(settings, Date.now())
    const credentials = new HeldCredentials(context)
    const parts = { said: [], accepted: [], heard: [], failed: 0, port: null }
    const transport = tlsTransport(
      {
        ...settings,
        ...{ dialsTls: true, takesPlain: false, detectionMs: WAIT_MS, handshakeMs: WAIT_MS },
        arrivalsMax: 64,
        ...options,
      },
      {
        credentials,
        members: members.map((host, id): Member => memberAt(host, id)),
        nowMs: () => performance.now(),
        wallMs: () => Date.now(),
        count: () => side.failed++,
        log: (event, fields) => side.said.push({ event, ...fields }),
      },
    )
    const side: Side = { ...parts, transport, credentials }
    sides.push(side)
    return side
  }

  async function listening(side: Side): Promise<number> {
    const address = { host: LOOPBACK, port: 0 }
    side.port = side.transport.listener(
      address,
      { tries: 1, delayMs: 1 },
      {
        accept: (socket) => {
          side.accepted.push(socket)
          socket.on('data', (chunk: Uint8Array) => {
            side.heard.push(Buffer.from(chunk).toString())
            socket.write('answer')
          })
        },
        bindFailed: () => undefined,
      },
    )
    await side.port.open()
    return side.port.port
  }

  function dialled(
    side: Side,
    port: number,
    host = LOOPBACK,
    ms = WAIT_MS,
  ): Promise<Socket | null> {
    const socket = new Promise<Socket | null>((resolve) => {
      side.transport.dial([{ host, port }], ms, resolve)
    })
    return within('a connection or none', WAIT_MS, socket).then((found) => {
      if (found !== null) closers.push(() => found.destroy())
      return found
    })
  }

  /** A connection as any program makes it. */
  function connected(port: number, first = ''): Socket {
    const socket = tcpConnect(port, LOOPBACK)
    socket.on('error', () => undefined)
    closers.push(() => socket.destroy())
    if (first !== '') socket.write(first, 'latin1')
    return socket
  }

  async function talks(socket: Socket | null, to: Side): Promise<void> {
    ok(socket !== null)
    const answer = once(socket, 'data')
    socket.write('question')
    const [bytes] = (await within('an answer', WAIT_MS, answer)) as [Uint8Array]
    strictEqual(Buffer.from(bytes).toString(), 'answer')
    deepStrictEqual(to.heard, ['question'])
  }

  const says = (side: Side): Promise<void> => until('a line', WAIT_MS, () => side.said.length > 0)

  test('both talk', async () => {
    const [there, here] = [await sideOf(good), await sideOf(good)]
    await talks(await dialled(here, await listening(there)), there)
    deepStrictEqual([there.said, here.said], [[], []])
  })

  describe('of a server that is dialled', () => {
    const BAD: readonly (readonly [string, () => Holder, RegExp])[] = [
      [
        'has expired',
        () => ca.issue('late', { names: `IP:${LOOPBACK}`, from: -9, to: -1 }),
        /^expired on/,
      ],
      [
        'names another',
        () => ca.issue('other', { names: 'DNS:other' }),
        /^names neither 127\.0\.0\.1$/,
      ],
      ['is of others', () => issuedByOthers(), /^is signed by nobody in the trust store/],
    ]
    for (const [what, holder, problem] of BAD) {
      test(`whose certificate ${what}, the log says so`, async () => {
        const [there, here] = [await sideOf(holder()), await sideOf(good)]
        strictEqual(await dialled(here, await listening(there)), null)
        const [line] = here.said
        strictEqual(line?.['event'], 'peer-tls-failed')
        match(String(line?.['problem']), problem)
        match(String(line?.['subject']), /^CN=/)
        deepStrictEqual([line?.['address'], line?.['port']], [LOOPBACK, there.port?.port])
        strictEqual(here.failed, 1)
      })
    }

    test('the certificate may name the host of its line', async () => {
      const there = await sideOf(ca.issue('named', { names: 'DNS:localhost' }), {
        members: ['localhost'],
      })
      const here = await sideOf(good)
      const port = await listening(there)
      await talks(await dialled(here, port, 'localhost'), there)
      strictEqual(await dialled(here, port), null)
    })

    test('anybody may be meant, where names do not matter', async () => {
      const there = await sideOf(ca.issue('any', { names: 'DNS:any' }))
      const here = await sideOf(good, { hostnameVerification: false })
      await talks(await dialled(here, await listening(there)), there)
    })

    test('one that speaks something else is not waited for', async () => {
      const server: Server = createServer((socket) => {
        socket.on('error', () => undefined).end('220 mail.example ESMTP\r\n')
      })
      closers.push(() => server.close())
      await once(server.listen(0, LOOPBACK), 'listening')
      const here = await sideOf(good)
      strictEqual(await dialled(here, portOf(server)), null)
      match(String(here.said[0]?.['problem']), /does not speak TLS/)
    })

    test('one that never answers is given up in time', async () => {
      const server = createServer((socket) => closers.push(() => socket.destroy()))
      closers.push(() => server.close())
      await once(server.listen(0, LOOPBACK), 'listening')
      const here = await sideOf(good)
      strictEqual(await dialled(here, portOf(server), LOOPBACK, 1000), null)
      match(String(here.said[0]?.['problem']), /has not finished its handshake for 1000 ms/)
    })

    test('nothing is told of an attempt that was ended', async () => {
      const there = await sideOf(good)
      const port = await listening(there)
      const here = await sideOf(good)
      let told = 0
      const cancel = here.transport.dial([{ host: LOOPBACK, port }], WAIT_MS, () => told++)
      cancel()
      await talks(await dialled(here, port), there)
      deepStrictEqual([told, here.said], [0, []])
    })
  })

  describe('of a server that dials', () => {
    test('the certificate may name the host of any member', async () => {
      const holder = ca.issue('moved', { names: 'DNS:moved.example' })
      const there = await sideOf(good, { members: [LOOPBACK, 'moved.example'] })
      await talks(await dialled(await sideOf(holder), await listening(there)), there)
      there.transport.configured?.([memberAt(LOOPBACK, 1)])
      await dialled(await sideOf(holder), there.port?.port ?? 0)
      await says(there)
      match(String(there.said[0]?.['problem']), /nor the host of any member/)
    })

    test('the log says that it has no certificate', async () => {
      const there = await sideOf(good)
      const socket = tlsConnect({
        port: await listening(there),
        host: LOOPBACK,
        rejectUnauthorized: false,
      })
      socket.on('error', () => undefined)
      closers.push(() => socket.destroy())
      await says(there)
      strictEqual(there.said[0]?.['event'], 'peer-refused')
      match(String(there.said[0]?.['problem']), /has shown no certificate/)
      strictEqual(there.accepted.length, 0)
    })

    for (const clientAuth of ['want', 'none'] as const) {
      test(`none is needed with ${clientAuth}`, async () => {
        const there = await sideOf(good, { clientAuth })
        const socket = tlsConnect({
          port: await listening(there),
          host: LOOPBACK,
          rejectUnauthorized: false,
        })
        closers.push(() => socket.destroy())
        await talks(socket, there)
      })
    }

    test('rubbish behind the first byte is said', async () => {
      const there = await sideOf(good)
      connected(await listening(there), '\x16\x03\x01\0\x07rubbish')
      await says(there)
      deepStrictEqual([there.failed, there.accepted.length], [1, 0])
    })

    test('what begins a handshake and stops is given up', async () => {
      const there = await sideOf(good, { handshakeMs: 50 })
      connected(await listening(there), '\x16\x03\x01')
      await says(there)
      match(String(there.said[0]?.['problem']), /has not finished its handshake for 50 ms/)
    })

    test('what says nothing goes without a word', async () => {
      const there = await sideOf(good, { detectionMs: 50 })
      const socket = connected(await listening(there))
      socket.resume()
      await within('its end', WAIT_MS, closeOf(socket))
      deepStrictEqual([there.said, there.failed], [[], 0])
    })

    test('what says nothing keeps nobody out', async () => {
      const there = await sideOf(good, { arrivalsMax: 4 })
      const port = await listening(there)
      const silent = Array.from({ length: 8 }, () => connected(port))
      for (const socket of silent) socket.resume()
      const closed = silent.map((socket) => closeOf(socket))
      await Promise.all(silent.map((socket) => once(socket, 'connect')))
      await talks(await dialled(await sideOf(good), port), there)
      await within('the oldest to go', WAIT_MS, Promise.race(closed))
    })
  })

  describe('a plain connection', () => {
    test('is refused, and the log says what to set', async () => {
      const there = await sideOf(good)
      connected(await listening(there), 'first bytes')
      await says(there)
      match(String(there.said[0]?.['problem']), /does not speak TLS.*sslQuorum=true there/)
    })

    test('comes through with its first bytes where both are taken, and so does TLS', async () => {
      const there = await sideOf(good, { takesPlain: true })
      const port = await listening(there)
      const plain = await sideOf(good, { dialsTls: false })
      await talks(await dialled(plain, port), there)
      there.heard.length = 0
      await talks(await dialled(await sideOf(good), port), there)
      deepStrictEqual([there.said, plain.said], [[], []])
    })

    test('waits where it is not read from yet', async () => {
      const there = await sideOf(good, { takesPlain: true })
      const address = { host: LOOPBACK, port: 0 }
      const heard: string[] = []
      let accepted: Socket | null = null
      there.port = there.transport.listener(
        address,
        { tries: 1, delayMs: 1 },
        {
          accept: (socket) => {
            accepted = socket
            there.accepted.push(socket)
            socket.on('data', (chunk: Uint8Array) => heard.push(Buffer.from(chunk).toString()))
            socket.pause()
          },
          bindFailed: () => undefined,
        },
      )
      await there.port.open()
      const socket = connected(there.port.port, 'first')
      await until('it is there', WAIT_MS, () => accepted !== null)
      socket.write(' second')
      const seen = accepted as unknown as Socket
      strictEqual(seen.isPaused(), true)
      seen.resume()
      await until('all of it', WAIT_MS, () => heard.join('') === 'first second')
    })
  })

  test('what replaces the credentials counts for connections from then on', async () => {
    const [there, here] = [await sideOf(good), await sideOf(good)]
    const port = await listening(there)
    const first = await dialled(here, port)
    await talks(first, there)
    const renewed = await sideOf(ca.issue('renewed', { names: 'DNS:elsewhere' }))
    there.credentials.replace(renewed.credentials.context)
    strictEqual(await dialled(here, port), null)
    strictEqual(here.said[0]?.['subject'], 'CN=renewed')
    there.heard.length = 0
    await talks(first, there)
  })

  test('a port that is closed lets in nobody who is on the way', async () => {
    const there = await sideOf(good)
    const socket = connected(await listening(there), '\x16')
    socket.resume()
    const closed = closeOf(socket)
    await once(socket, 'connect')
    there.port?.close()
    await within('its end', WAIT_MS, closed)
  })

  function issuedByOthers(): Holder {
    const others = new TestCa('Other CA')
    closers.push(() => others.remove())
    return others.issue('stranger', { names: `IP:${LOOPBACK}` })
  }
})

function memberAt(host: string, id: number): Member {
  return {
    id,
    addresses: [{ host, quorumPort: 1, electionPort: 2 }],
    role: 'participant',
    clientHost: null,
    clientPort: null,
  }
}

/** Also of one that is reset. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
