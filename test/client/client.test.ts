// The client against a server that answers what the test tells it to.

import { deepStrictEqual, rejects, strictEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from '../../client/client.ts'
import { createOp, deleteOp } from '../../client/operations.ts'
import type { WatchEvent } from '../../client/watch-registry.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { AddWatchMode, EventType, OpCode, WatcherType } from '../../protocol/op-code.ts'
import { readAuthPacket } from '../../protocol/records/auth-packet.ts'
import type { ConnectRequest } from '../../protocol/records/connect.ts'
import { readCreateRequest, writeCreateResponse } from '../../protocol/records/create.ts'
import { writeExistsResponse } from '../../protocol/records/exists.ts'
import { readGetDataRequest, writeGetDataResponse } from '../../protocol/records/get-data.ts'
import { readMultiRequest, writeMultiResponse } from '../../protocol/records/multi.ts'
import { readSetWatches, readSetWatches2 } from '../../protocol/records/set-watches.ts'
import { writeSyncResponse } from '../../protocol/records/sync.ts'
import {
  FakeServer,
  PASSWORD,
  type Peer,
  type Request,
  type Script,
  SESSION_ID,
  STAT,
  TIMEOUT_MS,
} from './fake-server.ts'

/** Replies closeSession and getData (with the path as data); the rest is up to `more`. */
function script(more: (peer: Peer, request: Request) => void = () => {}): Script {
  return {
    onRequest(peer, request) {
      if (request.type === OpCode.closeSession) peer.reply(request.xid, 0)
      else if (request.type === OpCode.getData) {
        const { path } = readGetDataRequest(request.body)
        peer.reply(request.xid, 0, (writer) =>
          writeGetDataResponse(writer, { data: Buffer.from(path), stat: STAT }),
        )
      } else more(peer, request)
    },
  }
}

async function withClient(
  server: Script,
  body: (client: Client, fake: FakeServer) => Promise<void>,
  options: { chroot?: string; requestsMax?: number } = {},
): Promise<void> {
  const fake = await FakeServer.start(server)
  const { chroot = '', ...rest } = options
  const client = new Client({ servers: fake.address + chroot, reconnectDelayMs: 1, ...rest })
  try {
    await body(client, fake)
  } finally {
    await client.close()
    await fake.stop()
  }
}

function nextEvent(): { watcher: (event: WatchEvent) => void; event: Promise<WatchEvent> } {
  let watcher: (event: WatchEvent) => void = () => {}
  const event = new Promise<WatchEvent>((resolve) => {
    watcher = resolve
  })
  return { watcher, event }
}

test('pipelined requests are answered in order, before and after the handshake', async () => {
  await withClient(script(), async (client) => {
    const paths = Array.from({ length: 500 }, (_, i) => `/n${i}`)
    const replies = await Promise.all(paths.map((path) => client.get(path)))
    deepStrictEqual(
      replies.map((reply) => Buffer.from(reply.data ?? []).toString()),
      paths,
    )
    strictEqual(client.connection.session.id, SESSION_ID)
    strictEqual(client.connection.timeoutMs, TIMEOUT_MS)
    strictEqual(client.connection.lastZxid, 510)
  })
})

test('an error code becomes a ZkError with the path', async () => {
  const server = script((peer, request) => peer.reply(request.xid, ErrorCode.nodeExists))
  await withClient(server, async (client) => {
    await rejects(client.create('/a', null), {
      name: 'ZkError',
      code: ErrorCode.nodeExists,
      path: '/a',
    })
  })
})

test('a path that cannot be is refused without asking', async () => {
  await withClient(script(), async (client) => {
    for (const path of ['', 'a', '/a/', '/a//b', '/./a', '/a\0']) {
      await rejects(client.get(path), { code: ErrorCode.badArguments })
    }
  })
})

test('the chroot is added and taken off', async () => {
  const seen: string[] = []
  const server = script((peer, request) => {
    const { path } = readCreateRequest(request.body)
    seen.push(path)
    peer.notify(EventType.nodeCreated, path)
    peer.reply(request.xid, 0, (writer) => writeCreateResponse(writer, { path }))
  })
  const chroot = '/app'
  await withClient(
    server,
    async (client) => {
      strictEqual(await client.create('/a', null), '/a')
      deepStrictEqual(seen, ['/app/a'])
      const { data } = await client.get('/')
      strictEqual(Buffer.from(data ?? []).toString(), '/app')
    },
    { chroot },
  )
})

test('a watch fires once; an exists watch stands although the node is missing', async () => {
  const server = script((peer, request) => {
    peer.reply(request.xid, ErrorCode.noNode)
    peer.notify(EventType.nodeCreated, '/a')
    peer.notify(EventType.nodeCreated, '/a')
  })
  const events: WatchEvent[] = []
  await withClient(server, async (client) => {
    strictEqual(await client.exists('/a', (event) => events.push(event)), null)
    await client.get('/barrier')
  })
  strictEqual(events.length, 1)
  strictEqual(events[0]?.path, '/a')
})

test('a lost connection fails what was in flight; the session goes on', async () => {
  const handshakes: ConnectRequest[] = []
  let drops = 1
  const server: Script = {
    onConnect(request) {
      handshakes.push({ ...request, password: request.password?.slice() ?? null })
      return TIMEOUT_MS
    },
    onRequest: (peer, request) => {
      if (request.type === OpCode.sync && drops-- > 0) peer.drop()
      else script((p, r) => p.reply(r.xid, 0)).onRequest(peer, request)
    },
  }
  await withClient(server, async (client) => {
    await client.get('/a')
    const lost = [client.sync('/a'), client.get('/b')]
    for (const reply of lost) await rejects(reply, { code: ErrorCode.connectionLoss })
    await client.get('/c')
  })
  strictEqual(handshakes.length, 2)
  strictEqual(handshakes[0]?.sessionId, 0n)
  strictEqual(handshakes[1]?.sessionId, SESSION_ID)
  strictEqual(handshakes[1]?.lastZxidSeen, 11)
  deepStrictEqual(Buffer.from(handshakes[1]?.password ?? []), Buffer.from(PASSWORD))
})

test('after a reconnect identities come first, then watches', async () => {
  const seen: unknown[] = []
  let connections = 0
  const server: Script = {
    onConnect() {
      connections++
      return TIMEOUT_MS
    },
    onRequest: (peer, request) => {
      if (connections === 2) {
        if (request.type === OpCode.auth) seen.push(readAuthPacket(request.body).scheme)
        if (request.type === OpCode.setWatches2) seen.push(readSetWatches2(request.body))
      }
      script((p, r) =>
        p.reply(r.xid, 0, (writer) => {
          if (r.type === OpCode.exists) writeExistsResponse(writer, { stat: STAT })
          if (r.type === OpCode.addWatch) writer.int(0)
        }),
      ).onRequest(peer, request)
    },
  }
  await withClient(server, async (client) => {
    const { watcher, event } = nextEvent()
    await client.addAuth('digest', Buffer.from('u:p'))
    await client.get('/d', watcher)
    await client.exists('/e', watcher)
    await client.addWatch('/r', AddWatchMode.persistentRecursive, watcher)
    const zxid = client.connection.lastZxid
    client.connection.breakSocket()
    await client.get('/x').catch(() => {})
    await client.get('/x')
    deepStrictEqual(seen, [
      'digest',
      {
        relativeZxid: zxid,
        dataWatches: ['/d', '/e'],
        existWatches: [],
        childWatches: [],
        persistentWatches: [],
        persistentRecursiveWatches: ['/r'],
      },
    ])
    await client.removeWatches('/r', WatcherType.any, 'server')
    strictEqual((await event).type, EventType.persistentWatchRemoved)
  })
})

test('one-shot watches alone are restored by the old request', async () => {
  const seen: (readonly string[])[] = []
  const server = script((peer, request) => {
    if (request.type === OpCode.setWatches) seen.push(readSetWatches(request.body).dataWatches)
    peer.reply(request.xid, 0)
  })
  await withClient(server, async (client) => {
    await client.get('/d', () => {})
    client.connection.breakSocket()
    await client.get('/x').catch(() => {})
    await client.get('/x')
  })
  deepStrictEqual(seen, [['/d']])
})

test('a refused session is expired for good', async () => {
  const states: string[] = []
  const fake = await FakeServer.start({ onConnect: () => 0, onRequest: () => {} })
  const client = new Client({ servers: fake.address, onState: (state) => states.push(state) })
  await rejects(client.get('/'), { code: ErrorCode.sessionExpired })
  await rejects(client.get('/'), { code: ErrorCode.sessionExpired })
  deepStrictEqual(states, ['expired'])
  await fake.stop()
})

test('a refused identity ends the session', async () => {
  const server = script((peer, request) => peer.reply(request.xid, ErrorCode.authFailed))
  await withClient(server, async (client) => {
    await rejects(client.addAuth('digest', null), { code: ErrorCode.authFailed })
    await rejects(client.get('/'), { code: ErrorCode.authFailed })
  })
})

test('a dead server is passed over', async () => {
  const dead = await FakeServer.start(script())
  const deadAddress = dead.address
  await dead.stop()
  const fake = await FakeServer.start(script())
  const servers = `${deadAddress},${fake.address}`
  const client = new Client({ servers, firstHost: 0, reconnectDelayMs: 1 })
  strictEqual(Buffer.from((await client.get('/a')).data ?? []).toString(), '/a')
  await client.close()
  await fake.stop()
})

test('a session moves when its server is no longer in the list, and stays where it may', async () => {
  const fakes = await Promise.all([1, 2, 3].map(() => FakeServer.start(script())))
  const [first, second, third] = fakes.map(({ address }) => address)
  const client = new Client({ servers: `${first},${second}`, firstHost: 0, reconnectDelayMs: 1 })
  await client.get('/a')
  const at = (): string => `${client.connection.host.host}:${client.connection.host.port}`
  client.updateServerList(`${first}`)
  await client.get('/a')
  strictEqual(at(), first)
  client.updateServerList(`${third}`)
  await client.get('/a').catch(() => client.get('/a'))
  strictEqual(at(), third)
  deepStrictEqual(client.connection.session.id, SESSION_ID)
  throws(() => client.updateServerList(','), { code: ErrorCode.badArguments })
  await client.close()
  for (const fake of fakes) await fake.stop()
})

test('when no server answers, requests fail with connectionLoss', async () => {
  const dead = await FakeServer.start(script())
  const servers = dead.address
  await dead.stop()
  const client = new Client({ servers })
  await rejects(client.get('/a'), { code: ErrorCode.connectionLoss })
  await client.close()
  await rejects(client.get('/a'), { code: ErrorCode.sessionExpired })
})

test('the queue of requests has a limit', async () => {
  await withClient(
    script(),
    async (client) => {
      const replies = await Promise.allSettled(['/a', '/b', '/c'].map((path) => client.get(path)))
      deepStrictEqual(
        replies.map((reply) => reply.status),
        ['fulfilled', 'fulfilled', 'rejected'],
      )
    },
    { requestsMax: 2 },
  )
})

test('a failed multi rejects with the code and path of the operation that failed', async () => {
  const server = script((peer, request) => {
    strictEqual(readMultiRequest(request.body).length, 2)
    peer.reply(request.xid, 0, (writer) =>
      writeMultiResponse(writer, [
        { type: OpCode.error, err: 0 },
        { type: OpCode.error, err: ErrorCode.noNode },
      ]),
    )
  })
  await withClient(server, async (client) => {
    const ops = [createOp('/a', null), deleteOp('/b')]
    await rejects(client.multi(ops), { code: ErrorCode.noNode, path: '/b' })
  })
})

test('a reply to another request than the oldest ends the connection', async () => {
  const server = script((peer, request) => {
    peer.reply(request.xid + 1, 0, (writer) => writeSyncResponse(writer, { path: '/' }))
  })
  await withClient(server, async (client) => {
    await rejects(client.sync(), { code: ErrorCode.connectionLoss })
  })
})

test('an idle client pings', async () => {
  let pinged = (): void => {}
  const ping = new Promise<void>((resolve) => {
    pinged = resolve
  })
  const server: Script = {
    onConnect: () => 120,
    onRequest: (peer, request) => {
      if (request.type === OpCode.ping) pinged()
      peer.reply(request.xid, 0)
    },
  }
  await withClient(server, async () => ping)
})

for (const [name, timeoutMs, options] of [
  ['two thirds of its timeout', 120, {}],
  ['as long as the caller wants', 1_000_000_000, { silenceMs: 80 }],
] as const) {
  test(`a server that is silent for ${name} is given up`, () => silence(timeoutMs, options))
}

async function silence(timeoutMs: number, options: { silenceMs?: number }): Promise<void> {
  const states: string[] = []
  const server: Script = {
    onConnect: () => timeoutMs,
    onRequest: (peer, request) => {
      if (request.type === OpCode.closeSession) peer.reply(request.xid, 0)
    },
  }
  const fake = await FakeServer.start(server)
  const onState = (state: string): unknown => states.push(state)
  const client = new Client({ servers: fake.address, onState, ...options })
  await rejects(client.get('/a'), { code: ErrorCode.connectionLoss })
  deepStrictEqual(states, ['connected', 'connecting'])
  await client.close()
  await fake.stop()
}

test('a reply that cannot be read fails the request alone', async () => {
  const server = script((peer, request) => peer.reply(request.xid, 0))
  await withClient(server, async (client) => {
    await rejects(client.getChildren('/a'), { code: ErrorCode.marshallingError })
    await client.get('/a')
  })
})
