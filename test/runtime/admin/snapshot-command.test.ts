// The snapshot command and the probes: who may, how often, what comes; who is ready, and why not.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { Client } from '../../../client/client.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { encodeControl } from '../../../protocol/control.ts'
import { Query } from '../../../protocol/messages/queries.ts'
import { adminPages } from '../../../runtime/admin/admin-server.ts'
import { HttpListener } from '../../../runtime/admin/http-listener.ts'
import { digestOf } from '../../../runtime/net/input/authentication.ts'
import { FactBook } from '../../../runtime/why/fact-book.ts'
import { OwnServer, removeFolder, temporaryFolder } from '../../support/own-server.ts'
import { fakeSource } from '../reports/fake-source.ts'

const HOST = '127.0.0.1'
const IDLE_MS = 30_000
const ZXID = 0x100000007
const NAME = 'snapshot.100000007'
const CONTENT = 'what a snapshot holds'
const EVERYBODY = [31, 'world', 'anyone']
const READERS = [1, 'world', 'anyone']

describe('the snapshot command', () => {
  let folder: string
  let listener: HttpListener | null = null
  beforeEach(() => {
    folder = temporaryFolder()
    mkdirSync(join(folder, 'version-2'))
    writeFileSync(join(folder, 'version-2', NAME), CONTENT)
  })
  afterEach(async () => {
    await listener?.close()
    listener = null
    removeFolder(folder)
  })

  async function server(options: object = {}, acl: unknown = EVERYBODY): Promise<string> {
    async function* query(kind: number): AsyncGenerator<Uint8Array> {
      if (kind === Query.rootAcls) yield encodeControl([acl])
    }
    const source = fakeSource({ query }, { dataDir: folder, ...options })
    const taken = { ...source, takeSnapshot: async () => ({ name: NAME, zxid: ZXID }) }
    listener = new HttpListener(adminPages(taken, '/commands'), IDLE_MS)
    return `http://${HOST}:${await listener.listen(0, HOST)}/commands/snapshot`
  }
  const as = (authorization: string): RequestInit => ({ headers: { authorization } })

  test('streams the file, and says where it ends', async () => {
    const answer = await fetch(await server(), as('digest ann:secret'))
    strictEqual(answer.status, 200)
    const header = (name: string): string | null => answer.headers.get(name)
    deepStrictEqual(
      [header('content-type'), header('last_zxid'), header('snapshot_size')],
      ['application/octet-stream', '0x100000007', String(CONTENT.length)],
    )
    strictEqual(await answer.text(), CONTENT)
  })

  test('or only has it written', async () => {
    const answer = await fetch(`${await server()}?streaming=false`, as('ip'))
    deepStrictEqual(await answer.json(), { command: 'snapshot', error: null })
  })

  const REFUSED: readonly (readonly [string, object, unknown, string | null, number, RegExp])[] = [
    ['without proof', {}, EVERYBODY, null, 401, /^Auth info is missing for the command$/],
    ['of no known kind', {}, EVERYBODY, 'basic x', 401, /^Not authenticated$/],
    ['of three words', {}, EVERYBODY, 'digest a b', 401, /^Not authenticated$/],
    [
      'without every permission (CVE-2025-58457)',
      {},
      READERS,
      'digest ann:x',
      403,
      /^Not authorized$/,
    ],
    ['switched off', { adminSnapshotEnabled: false }, EVERYBODY, 'ip', 503, /disabled/],
    [
      'without the last zxid',
      { serializeLastProcessedZxid: false },
      EVERYBODY,
      'ip',
      500,
      /serializeLastProcessedZxid/,
    ],
  ]
  for (const [name, options, acl, authorization, status, error] of REFUSED) {
    test(`is refused ${name}`, async () => {
      const answer = await fetch(
        await server(options, acl),
        authorization === null ? {} : as(authorization),
      )
      strictEqual(answer.status, status)
      const { command, error: said } = (await answer.json()) as Record<string, string>
      strictEqual(command, 'snapshot')
      match(said ?? '', error)
    })
  }

  test('the superuser may, whatever the access list says', async () => {
    const superDigest = digestOf('super:secret', 'sha1')
    const url = await server({ superDigest }, [31, 'digest', 'somebody:else'])
    strictEqual((await fetch(url, as('digest super:secret'))).status, 200)
    strictEqual((await fetch(url, as('digest super:wrong'))).status, 403)
  })

  const THERE = [31, 'ip', '10.9.8.7']
  const from = (addresses: string): RequestInit => ({
    headers: { authorization: 'ip', 'x-forwarded-for': addresses },
  })

  test('nobody is where he says he is (CVE-2024-51504)', async () => {
    const url = await server({}, THERE)
    strictEqual((await fetch(url, from('10.9.8.7'))).status, 403)
  })

  test('unless a proxy is believed that says where he is', async () => {
    const url = await server({ useXForwardedFor: true }, THERE)
    strictEqual((await fetch(url, from('10.9.8.6, 10.9.8.7'))).status, 403)
    strictEqual((await fetch(url, as('ip'))).status, 403)
    strictEqual((await fetch(url, from('10.9.8.7, 192.0.2.1'))).status, 200)
  })

  test('is taken once in a while', async () => {
    const url = await server()
    strictEqual((await fetch(url, as('ip'))).status, 200)
    const again = await fetch(url, as('ip'))
    strictEqual(again.status, 429)
    deepStrictEqual(await again.json(), { command: 'snapshot', error: 'Rate limit reached' })
  })
})

test('a snapshot taken by command is all that a new server needs', async () => {
  const before = await OwnServer.start()
  const client = new Client({ servers: before.address, sessionTimeoutMs: 20_000 })
  for (let i = 0; i < 100; i++) await client.create(`/n${i}`, utf8Bytes(`value ${i}`))
  await client.close()
  const listener = new HttpListener(adminPages(before.server, '/commands'), IDLE_MS)
  const url = `http://${HOST}:${await listener.listen(0, HOST)}/commands/snapshot`
  const answer = await fetch(url, { headers: { authorization: 'digest ann:secret' } })
  const bytes = new Uint8Array(await answer.arrayBuffer())
  await listener.close()
  await before.stop()
  const zxid = answer.headers.get('last_zxid')?.slice(2) ?? ''
  strictEqual(bytes.length, Number(answer.headers.get('snapshot_size')))

  const folder = temporaryFolder()
  mkdirSync(join(folder, 'version-2'))
  writeFileSync(join(folder, 'version-2', `snapshot.${zxid}`), bytes)
  const options = { dataDir: folder, dataLogDir: folder, snapshotTrustEmpty: true }
  const after = await OwnServer.start(options)
  const reader = new Client({ servers: after.address, sessionTimeoutMs: 20_000 })
  const { data } = await reader.get('/n99')
  strictEqual(Buffer.from(data ?? []).toString(), 'value 99')
  strictEqual((await reader.getChildren('/')).children.length, 101)
  await reader.close()
  await after.stop()
  removeFolder(folder)
})

describe('probes', () => {
  async function probe(network: object, path: string): Promise<[number, string]> {
    const facts = new FactBook(
      () => 0,
      () => undefined,
    )
    const fields = { why: 'the leader 3 is silent' }
    facts.add({ wallMs: 1, actor: 'zab', event: 'role-ended', fields })
    const source = { ...fakeSource(network), facts }
    const listener = new HttpListener(adminPages(source, '/commands'), IDLE_MS)
    const port = await listener.listen(0, HOST)
    const answer = await fetch(`http://${HOST}:${port}${path}`)
    const text = await answer.text()
    await listener.close()
    return [answer.status, text]
  }

  test('a server that serves is alive and ready', async () => {
    deepStrictEqual(await probe({}, '/livez'), [200, 'ok\n'])
    deepStrictEqual(await probe({}, '/readyz'), [200, 'ok: standalone\n'])
  })

  test('one that has no leader is alive, and says why it is not ready', async () => {
    const looking = { mode: 'looking' }
    deepStrictEqual(await probe(looking, '/livez'), [200, 'ok\n'])
    const [status, text] = await probe(looking, '/readyz')
    strictEqual(status, 503)
    match(text, /^not ready: the server served nobody until now: the leader 3 was silent/)
  })
})
