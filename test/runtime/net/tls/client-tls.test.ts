// TLS on the clients' ports: who comes in, who does not and why, and what is counted. The clients are node's
// own; test/compat has others.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, readFileSync, renameSync } from 'node:fs'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { JuteReader } from '../../../../protocol/bytes/jute-reader.ts'
import { readReplyHeader } from '../../../../protocol/records/header.ts'
import type { RefusalReason } from '../../../../runtime/net/input/refusals.ts'
import { framed, handshake } from '../../../hostile/hostile.ts'
import { OwnServer, type TestOptions } from '../../../support/own-server.ts'
import { type Holder, OPENSSL_MISSING, TestCa } from '../../../support/test-ca.ts'
import { until, within } from '../../../support/until.ts'
import { exchange, ints } from './exchange.ts'

const WAIT_MS = 20_000
const SESSION_MS = 10_000
const CONNECT_RESPONSE_BYTES = 4 + 37

interface World {
  readonly ca: TestCa
  readonly other: TestCa
  readonly server: Holder
  readonly alice: Holder
}

let world: World

before(() => {
  if (OPENSSL_MISSING !== false) return
  const ca = new TestCa()
  const other = new TestCa('Another CA')
  world = {
    ca,
    other,
    server: ca.issue('server', { names: 'DNS:localhost,IP:127.0.0.1' }),
    alice: ca.issue('alice', { subject: '/C=DE/O=Example/CN=alice' }),
  }
})

after(() => {
  if (OPENSSL_MISSING !== false) return
  world.ca.remove()
  world.other.remove()
})

function credentials(holder: Holder | null): ConnectionOptions {
  return {
    host: '127.0.0.1',
    servername: 'localhost',
    ca: readFileSync(world.ca.root),
    ...(holder !== null && {
      key: readFileSync(holder.key),
      cert: readFileSync(holder.certificate),
    }),
  }
}

/** Whether a session begins. */
async function isServed(port: number, holder: Holder | null): Promise<boolean> {
  const options = { ...credentials(holder), port }
  const answer = await exchange(options, handshake(SESSION_MS), CONNECT_RESPONSE_BYTES)
  return answer.length >= CONNECT_RESPONSE_BYTES
}

async function withServer(
  options: TestOptions,
  body: (server: OwnServer) => Promise<void>,
): Promise<void> {
  const tls = { ...world.ca.options(world.server), secureClientPort: 0, x509Provider: true }
  const all = { ...tls, ...options }
  const server = await OwnServer.start(all, () => (word) => (word === 'ruok' ? 'imok' : null))
  try {
    await body(server)
  } finally {
    await server.stop()
  }
}

function countOf(server: OwnServer, reason: RefusalReason): number {
  return server.server.network.refusals.counts().get(reason) ?? 0
}

/** Everyone who knocked has entered or gone. */
async function settled(server: OwnServer): Promise<void> {
  await until('nobody is at the door', WAIT_MS, () => server.server.network.door.guests === 0)
}

describe('who comes in over TLS', { skip: OPENSSL_MISSING }, () => {
  interface Case {
    readonly who: () => Holder | null
    readonly options?: () => TestOptions
    /** Null: is served. */
    readonly reason: RefusalReason | null
  }
  const untrusted = 'untrusted-client-certificate'
  const CASES: Readonly<Record<string, Case>> = {
    'a client with a certificate of the right issuer': { who: () => world.alice, reason: null },
    'none without one': { who: () => null, reason: 'no-client-certificate' },
    'nor with one that has expired': {
      who: () => world.ca.issue('late', { from: -10, to: -1 }),
      reason: untrusted,
    },
    'nor with one that is not valid yet': {
      who: () => world.ca.issue('early', { from: 1, to: 10 }),
      reason: untrusted,
    },
    'nor with one of another issuer': {
      who: () => world.other.issue('mallory'),
      reason: untrusted,
    },
    'nor with one that is for servers': {
      who: () => world.ca.issue('host', { purposes: 'serverAuth' }),
      reason: untrusted,
    },
    'one without a certificate, where one is just wanted': {
      who: () => null,
      options: () => ({ sslClientAuth: 'want' }),
      reason: null,
    },
    'none with a bad one, where one is wanted': {
      who: () => world.other.issue('mallory'),
      options: () => ({ sslClientAuth: 'want' }),
      reason: untrusted,
    },
    'one without, where none is asked for': {
      who: () => null,
      options: () => ({ sslClientAuth: 'none', sslTrustStoreLocation: null }),
      reason: null,
    },
    'one whose certificate names its address': {
      who: () => world.ca.issue('here', { names: 'IP:127.0.0.1' }),
      options: () => ({ sslClientHostnameVerification: true }),
      reason: null,
    },
    'none whose certificate names another': {
      who: () => world.ca.issue('there', { names: 'IP:10.0.0.1' }),
      options: () => ({ sslClientHostnameVerification: true }),
      reason: untrusted,
    },
  }
  for (const [name, { who, options, reason }] of Object.entries(CASES)) {
    test(name, async () => {
      await withServer(options?.() ?? {}, async (server) => {
        strictEqual(await isServed(server.securePort, who()), reason === null)
        await settled(server)
        const counts = server.server.network.refusals.counts()
        deepStrictEqual([...counts], reason === null ? [] : [[reason, 1]])
        strictEqual(server.server.network.stats.unsuccessfulHandshakes, reason === null ? 0 : 1)
      })
    })
  }

  test('none whose certificate is revoked; the others do', async () => {
    const bob = world.ca.issue('bob')
    const crl = world.ca.revoke(bob)
    await withServer({ sslCrl: true, sslCrlLocations: [crl] }, async (server) => {
      strictEqual(await isServed(server.securePort, bob), false)
      strictEqual(await isServed(server.securePort, world.alice), true)
      await settled(server)
      strictEqual(countOf(server, untrusted), 1)
    })
  })
})

test('who lacks the alternative name is its subject, and that is said', {
  skip: OPENSSL_MISSING,
}, async () => {
  const wanted: TestOptions = {
    clientCertIdType: 'SAN',
    clientCertIdSanMatchType: 6,
    clientCertIdSanMatchRegex: '^spiffe:',
    clientCertIdSanExtractRegex: '.*',
  }
  await withServer(wanted, async (server) => {
    const bob = world.ca.issue('bob', { names: 'URI:spiffe://a/bob' })
    strictEqual(await isServed(server.securePort, bob), true)
    strictEqual(countOf(server, 'alternative-name-unusable'), 0)
    strictEqual(await isServed(server.securePort, world.alice), true)
    strictEqual(countOf(server, 'alternative-name-unusable'), 1)
  })
})

describe('plain text and TLS', { skip: OPENSSL_MISSING }, () => {
  const plain = (port: number, bytes: Uint8Array, enough: number): Promise<Buffer> => {
    const socket = connectPlain(port, '127.0.0.1')
    let answer = Buffer.alloc(0)
    const ended = new Promise<Buffer>((resolve) => {
      socket.on('connect', () => socket.write(bytes))
      socket.on('data', (chunk) => {
        answer = Buffer.concat([answer, chunk])
        if (answer.length >= enough) socket.destroy()
      })
      socket.on('error', () => socket.destroy())
      socket.on('close', () => resolve(answer))
    })
    return within('the end of a connection', WAIT_MS, ended)
  }

  test('plain text on the port for TLS is sent away', async () => {
    await withServer({}, async (server) => {
      const answer = await plain(server.securePort, handshake(SESSION_MS), CONNECT_RESPONSE_BYTES)
      strictEqual(answer.length, 0)
      await settled(server)
      strictEqual(countOf(server, 'plain-text-on-tls-port'), 1)
    })
  })

  test('TLS on the port for plain text is sent away', async () => {
    await withServer({}, async (server) => {
      strictEqual(await isServed(server.port, world.alice), false)
      strictEqual(countOf(server, 'tls-on-plain-port'), 1)
    })
  })

  test('one port takes both, where that is wanted', async () => {
    await withServer({ clientPortUnification: true, secureClientPort: -1 }, async (server) => {
      const answer = await plain(server.port, handshake(SESSION_MS), CONNECT_RESPONSE_BYTES)
      strictEqual(answer.length, CONNECT_RESPONSE_BYTES)
      strictEqual(await isServed(server.port, world.alice), true)
      await settled(server)
      strictEqual(await isServed(server.port, null), false)
    })
  })

  test('who says nothing has to go, and so has who says half', async () => {
    const options = { sslHandshakeDetectionTimeoutMillis: 50, sessionlessCnxnTimeoutMs: 100 }
    await withServer(options, async (server) => {
      await plain(server.securePort, new Uint8Array(0), 1)
      await plain(server.securePort, Buffer.from([22, 3, 1, 0, 200]), 1)
      await settled(server)
      strictEqual(countOf(server, 'tls-handshake-timeout'), 2)
    })
  })

  test('rubbish behind the first byte is a failed handshake', async () => {
    await withServer({}, async (server) => {
      await plain(server.securePort, Buffer.from('\x16 is how TLS begins, but this is none'), 999)
      await settled(server)
      strictEqual(countOf(server, 'tls-handshake-failed'), 1)
    })
  })
})

test('new certificates are for new connections', { skip: OPENSSL_MISSING }, async () => {
  const file = join(world.ca.folder, 'served.pem')
  copyFileSync(world.server.both, file)
  const options = { clientCertReload: true, sslKeyStoreLocation: file }
  await withServer(options, async (server) => {
    const own = { ...credentials(world.alice), port: server.securePort }
    const serial = (socket: TLSSocket): string => socket.getPeerCertificate().serialNumber
    const stays = connect(own)
    await within('a handshake', WAIT_MS, once(stays, 'secureConnect'))
    const before = serial(stays)
    const next = join(world.ca.folder, 'next.pem')
    copyFileSync(world.ca.issue('next', { names: 'DNS:localhost' }).both, next)
    renameSync(next, file)
    await until('the next certificate is served', WAIT_MS, async () => {
      const socket = connect(own)
      await within('a handshake', WAIT_MS, once(socket, 'secureConnect'))
      const isNext = serial(socket) !== before
      socket.destroy()
      return isNext
    })
    stays.write(handshake(SESSION_MS))
    await within('an answer on the connection that stays', WAIT_MS, once(stays, 'data'))
    stays.destroy()
  })
})

test('who hangs up during the handshake is gone at once', { skip: OPENSSL_MISSING }, async () => {
  await withServer({}, async (server) => {
    // It does not trust the server, and says so by hanging up.
    const socket = connect({ host: '127.0.0.1', port: server.securePort })
    await within(
      'an error',
      WAIT_MS,
      once(socket, 'error').catch(() => null),
    )
    await settled(server)
    strictEqual(countOf(server, 'tls-handshake-failed'), 1)
  })
})

test('a client may send its last and wait for the answer', { skip: OPENSSL_MISSING }, async () => {
  await withServer({}, async (server) => {
    const own = { ...credentials(world.alice), port: server.securePort, allowHalfOpen: true }
    const socket = connect(own, () => socket.end('ruok'))
    const [answer] = await within('an answer', WAIT_MS, once(socket, 'data'))
    strictEqual(String(answer), 'imok')
    socket.destroy()
  })
})

test('who has not shaken hands yet counts as a connection', { skip: OPENSSL_MISSING }, async () => {
  await withServer({ maxClientCnxns: 2 }, async (server) => {
    const silent = [1, 2].map(() => connectPlain(server.securePort, '127.0.0.1'))
    await until('two are at the door', WAIT_MS, () => server.server.network.door.guests === 2)
    strictEqual(await isServed(server.securePort, world.alice), false)
    strictEqual(countOf(server, 'too-many-connections-from-address'), 1)
    for (const socket of silent) socket.destroy()
    await settled(server)
    strictEqual(await isServed(server.securePort, world.alice), true)
  })
})

describe('what is negotiated', { skip: OPENSSL_MISSING }, () => {
  const CASES: Readonly<Record<string, readonly [TestOptions, ConnectionOptions, string | null]>> =
    {
      'the newest version': [{}, {}, 'TLSv1.3 TLS_AES_256_GCM_SHA384'],
      'the one cipher suite that is allowed': [
        { sslCiphersuites: ['TLS_AES_128_GCM_SHA256'] },
        {},
        'TLSv1.3 TLS_AES_128_GCM_SHA256',
      ],
      'an older version for a client that has no other': [
        {},
        { maxVersion: 'TLSv1.2' },
        'TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256',
      ],
      'nothing with a client whose versions are not allowed': [
        { sslEnabledProtocols: ['TLSv1.3'] },
        { maxVersion: 'TLSv1.2' },
        null,
      ],
      'nothing with a client whose cipher suites are not allowed': [
        { sslCiphersuites: ['TLS_AES_128_GCM_SHA256'] },
        { ciphers: 'TLS_AES_256_GCM_SHA384' },
        null,
      ],
    }
  for (const [name, [options, offer, expected]] of Object.entries(CASES)) {
    test(name, async () => {
      await withServer(options, async (server) => {
        const socket = connect({ ...credentials(world.alice), ...offer, port: server.securePort })
        const negotiated = await within('a handshake', WAIT_MS, outcomeOf(socket))
        strictEqual(negotiated, expected)
        socket.destroy()
        await settled(server)
        // Who hangs up as soon as it knows may seem to hang up during the handshake.
        if (expected === null) strictEqual(countOf(server, 'tls-handshake-failed'), 1)
      })
    })
  }

  function outcomeOf(socket: TLSSocket): Promise<string | null> {
    return new Promise((resolve) => {
      socket.on('error', () => resolve(null))
      socket.on('secureConnect', () => {
        resolve(`${socket.getProtocol()} ${socket.getCipher().name}`)
      })
    })
  }
})

test('a large reply comes whole', { skip: OPENSSL_MISSING }, async () => {
  await withServer({ sslClientAuth: 'none' }, async (server) => {
    const path = Buffer.from('/big')
    const data = Buffer.alloc(900_000, 7)
    const create = Buffer.concat([
      ints(1, 1, path.length),
      path,
      ints(data.length),
      data,
      ints(1, 31, 5),
      Buffer.from('world'),
      ints(6),
      Buffer.from('anyone'),
      ints(0),
    ])
    const get = Buffer.concat([ints(2, 4, path.length), path, Buffer.from([0])])
    const bytes = Buffer.concat([handshake(SESSION_MS), framed(create), framed(get)])
    const createdBytes = 4 + 16 + 4 + path.length
    const enough = CONNECT_RESPONSE_BYTES + createdBytes + 4 + 16 + 4 + data.length + 68
    const answer = await exchange({ ...credentials(null), port: server.securePort }, bytes, enough)
    strictEqual(answer.length, enough)
    const at = CONNECT_RESPONSE_BYTES + createdBytes
    const reader = new JuteReader(answer, at + 4)
    strictEqual(readReplyHeader(reader).err, 0)
    ok(Buffer.from(reader.buffer() ?? []).equals(data))
  })
})
