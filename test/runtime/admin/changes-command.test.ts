// The change feed of a server that serves: what it tells of what clients did, in each of its forms; who may
// read it; and what is said to whom it cannot serve.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { Changes, ChangesBehindError, type TreeChange } from '../../../client/changes.ts'
import { Client } from '../../../client/client.ts'
import { createOp, deleteOp, setOp } from '../../../client/operations.ts'
import { OPEN_ACL } from '../../../protocol/acl.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import { formatSessionId } from '../../../protocol/session-id.ts'
import { formatZxid } from '../../../protocol/zxid.ts'
import { adminPages } from '../../../runtime/admin/admin-server.ts'
import { HttpListener } from '../../../runtime/admin/http-listener.ts'
import { FEEDS_MAX } from '../../../runtime/feed/feed.ts'
import { OwnServer } from '../../support/own-server.ts'
import { until } from '../../support/until.ts'

const HOST = '127.0.0.1'
/** Of a listener; streams rest in shorter times. */
const IDLE_MS = 30_000
const SHORT_IDLE_MS = 1500
const TOLD_MS_MAX = 20_000
const AS_ADMIN = { headers: { authorization: 'ip' } }

interface Answer {
  readonly changes: readonly TreeChange[]
  readonly next: string
}

describe('the change feed', () => {
  let server: OwnServer
  let listener: HttpListener
  let url: string
  let client: Client
  const aborts: AbortController[] = []

  before(async () => {
    server = await OwnServer.start({ adminIdleTimeoutMs: SHORT_IDLE_MS })
    listener = new HttpListener(adminPages(server.server, '/commands'), IDLE_MS)
    url = `http://${HOST}:${await listener.listen(0, HOST)}`
    client = new Client({ servers: server.address })
    await client.sync('/')
  })
  afterEach(() => {
    for (const abort of aborts.splice(0)) abort.abort()
  })
  after(async () => {
    await client.close()
    await listener.close()
    await server.stop()
  })

  const signal = (): AbortSignal => {
    aborts.push(new AbortController())
    return aborts.at(-1)!.signal
  }
  const now = (): string => formatZxid(client.connection.lastZxid)

  async function ask(query: string): Promise<Answer> {
    const answer = await fetch(`${url}/commands/changes?${query}`, AS_ADMIN)
    strictEqual(answer.status, 200, await answer.clone().text())
    return (await answer.json()) as Answer
  }

  /** `kind path from>to`. */
  const brief = ({ kind, path, from, to }: TreeChange): string => `${kind} ${path} ${from}>${to}`

  test('tells what clients do, in order, with session, time and versions', async () => {
    const from = now()
    await client.create('/a', utf8Bytes('one'))
    await client.set('/a', utf8Bytes('two'))
    await client.setAcl('/a', OPEN_ACL)
    await client.multi([createOp('/a/b', null), setOp('/a', utf8Bytes('three')), deleteOp('/a/b')])
    await client.delete('/a')
    const { changes, next } = await ask(`from=${from}&data=true`)
    deepStrictEqual(changes.map(brief), [
      'created /a null>0',
      'changed /a 0>1',
      'acl /a 0>1',
      'created /a/b null>0',
      'changed /a 1>2',
      'deleted /a/b null>null',
      'deleted /a null>null',
    ])
    const session = formatSessionId(client.connection.session!.id)
    ok(changes.every((change) => change.session === session && change.time > 1.7e12))
    deepStrictEqual(
      changes.map(({ data }) => (data ? Buffer.from(data, 'base64').toString() : null)),
      ['one', 'two', null, null, 'three', null, null],
    )
    strictEqual(next, now())
    deepStrictEqual((await ask(`from=${next}`)).changes, [])
  })

  test('goes on behind any change, also within a transaction', async () => {
    const from = now()
    await client.create('/m', null)
    await client.multi([createOp('/m/1', null), createOp('/m/2', null), createOp('/m/3', null)])
    await client.delete('/m/2')
    const { changes } = await ask(`from=${from}`)
    strictEqual(changes.length, 5)
    for (const [i, { id }] of changes.entries()) {
      deepStrictEqual((await ask(`from=${id}`)).changes, changes.slice(i + 1), id)
    }
    const first = await ask(`from=${from}&limit=3`)
    const rest = await ask(`from=${first.next}`)
    deepStrictEqual([...first.changes, ...rest.changes], changes)
  })

  test('tells of a subtree alone, and of ephemeral nodes that go', async () => {
    const from = now()
    const other = new Client({ servers: server.address })
    await other.create('/sub', null)
    await other.create('/subway', null)
    await other.create('/sub/e', null, { mode: CreateMode.ephemeral })
    await other.close()
    await client.sync()
    const { changes } = await ask(`from=${from}&path=/sub`)
    deepStrictEqual(changes.map(brief), [
      'created /sub null>0',
      'created /sub/e null>0',
      'deleted /sub/e null>null',
    ])
    deepStrictEqual(
      changes.map(({ ephemeral }) => ephemeral),
      [undefined, true, undefined],
    )
  })

  test('a long poll is answered when something happens', async () => {
    const from = now()
    const polled = async (): Promise<readonly TreeChange[]> => {
      for (let next = from; ; ) {
        const answer = await ask(`from=${next}&wait=60000`)
        if (answer.changes.length > 0) return answer.changes
        next = answer.next
      }
    }
    const waiting = polled()
    await client.create('/polled', null)
    deepStrictEqual((await waiting).map(brief), ['created /polled null>0'])
  })

  test('server-sent events have ids, and go on behind the last one', async () => {
    const from = now()
    await client.create('/s1', null)
    await client.create('/s2', null)
    const events = async (headers: Record<string, string>, query: string): Promise<string> => {
      const answer = await fetch(`${url}/commands/changes?stream=sse${query}`, {
        headers: { authorization: 'ip', ...headers },
        signal: signal(),
      })
      strictEqual(answer.headers.get('content-type'), 'text/event-stream')
      let text = ''
      const read = async (): Promise<void> => {
        for await (const part of answer.body!) text += Buffer.from(part).toString()
      }
      read().catch(() => undefined)
      // The mark of rest.
      await until('it rests', TOLD_MS_MAX, () => /^id: 0x[0-9a-f]+\n\n$/m.test(text))
      return text
    }
    const whole = await events({}, `&from=${from}`)
    const ids = [...whole.matchAll(/^id: (0x[0-9a-f]+\.\d+)\ndata: (.*)\n$/gm)]
    deepStrictEqual(
      ids.map(([, id, data]) => [id, JSON.parse(data ?? '').path]),
      [
        [ids[0]?.[1], '/s1'],
        [ids[1]?.[1], '/s2'],
      ],
    )
    const rest = await events({ 'last-event-id': ids[0]?.[1] ?? '' }, '')
    deepStrictEqual(rest.match(/"path":"[^"]*"/g), ['"path":"/s2"'])
  })

  test('the library reads on for longer than an idle connection lives', async () => {
    const strict = new HttpListener(adminPages(server.server, '/commands'), SHORT_IDLE_MS)
    const changes = new Changes({
      servers: [`http://${HOST}:${await strict.listen(0, HOST)}`],
      authorization: 'ip',
      from: now(),
      path: '/l',
      signal: signal(),
    })
    const told: string[] = []
    const reading = (async () => {
      for await (const change of changes) told.push(brief(change))
    })()
    await client.create('/l', null)
    await until('the first is told', TOLD_MS_MAX, () => told.length === 1)
    const begunMs = performance.now()
    await until('it is idle', TOLD_MS_MAX, () => performance.now() - begunMs > 2 * SHORT_IDLE_MS)
    await client.create('/elsewhere', null)
    await until('it moves on', TOLD_MS_MAX, () => changes.position === now())
    await client.delete('/l')
    await until('the second is told', TOLD_MS_MAX, () => told.length === 2)
    deepStrictEqual(told, ['created /l null>0', 'deleted /l null>null'])
    for (const abort of aborts) abort.abort()
    await reading
    await strict.close()
  })

  test('there is a place for so many, and each is free again when its consumer goes', async () => {
    const stream = (abort: AbortSignal): Promise<Response> =>
      fetch(`${url}/commands/changes?stream=lines`, { ...AS_ADMIN, signal: abort })
    for (let i = 0; i < FEEDS_MAX; i++) strictEqual((await stream(signal())).status, 200)
    const full = await stream(signal())
    strictEqual(full.status, 429)
    match(await full.text(), /consumers are reading the feed already/)
    for (const abort of aborts) abort.abort()
    const isFree = async (): Promise<boolean> => (await stream(signal())).status === 200
    await until('a place is free', TOLD_MS_MAX, isFree)
    const head = await fetch(`${url}/commands/changes?stream=lines`, {
      ...AS_ADMIN,
      method: 'HEAD',
    })
    strictEqual(head.status, 200)
  })

  test('who comes too late is told where to begin', async () => {
    const options = { txnLogSizeLimitBytes: 1000, snapRetainCount: 3, purge: true }
    const purging = await OwnServer.start(options)
    const late = new Client({ servers: purging.address })
    const pages = new HttpListener(adminPages(purging.server, '/commands'), IDLE_MS)
    try {
      const at = `http://${HOST}:${await pages.listen(0, HOST)}`
      const status = async (): Promise<number> =>
        (await fetch(`${at}/commands/changes?from=0x1`, AS_ADMIN)).status
      await late.create('/big', null)
      strictEqual(await status(), 200)
      await until('the first logs are purged', TOLD_MS_MAX, async () => {
        for (let i = 0; i < 3; i++) await late.set('/big', new Uint8Array(1000))
        await purging.server.takeSnapshot()
        return (await status()) === 410
      })
      const changes = new Changes({ servers: [at], authorization: 'ip', from: '0x1' })
      let behind: unknown
      try {
        for await (const change of changes) behind = change
      } catch (error) {
        behind = error
      }
      ok(behind instanceof ChangesBehindError, String(behind))
      // With that snapshot it can begin again.
      const from = behind.snapshot?.zxid ?? ''
      const answer = await fetch(`${at}/commands/changes?from=${from}`, AS_ADMIN)
      strictEqual(answer.status, 200, await answer.text())
    } finally {
      await late.close()
      await pages.close()
      await purging.stop()
    }
  })

  const WRONG: readonly (readonly [query: string, RegExp])[] = [
    ['from=7', /^from=7: must be a zxid/],
    ['path=a', /^path=a: must be the path/],
    ['path=/a/', /^path=\/a\/: must be the path/],
    ['stream=xml', /^stream=xml: must be lines or sse/],
    ['data=1', /^data=1: must be true or false/],
    ['limit=0', /^limit=0: must be a number from 1 to 10000/],
    ['wait=-1', /^wait=-1: must be a number from 0 to 60000/],
  ]
  for (const [query, problem] of WRONG) {
    test(`${query} is refused`, async () => {
      const answer = await fetch(`${url}/commands/changes?${query}`, AS_ADMIN)
      strictEqual(answer.status, 400)
      match(((await answer.json()) as { error: string }).error, problem)
    })
  }

  test('is for administrators', async () => {
    const answer = await fetch(`${url}/commands/changes`)
    strictEqual(answer.status, 401)
    await client.setAcl('/', [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }])
    strictEqual((await fetch(`${url}/commands/changes`, AS_ADMIN)).status, 403)
  })
})
