// The change feed of an ensemble whose leaders are killed: consumers that go on at another member each time
// are told every change once, in order; and what they were told is what the logs hold.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sortedLogs, sortedSnapshots } from '../../actors/log/files/file-names.ts'
import { LogScanner } from '../../actors/log/files/log-scanner.ts'
import { Changes, type TreeChange } from '../../client/changes.ts'
import { Client } from '../../client/client.ts'
import { createOp, deleteOp, setOp } from '../../client/operations.ts'
import { ZkError } from '../../client/zk-error.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import { freePorts } from '../../perf/ensemble/ports.ts'
import { utf8Bytes } from '../../protocol/bytes/text.ts'
import { changesOf } from '../../protocol/feed/change.ts'
import { positionText } from '../../protocol/feed/position.ts'
import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import { NodeFiles } from '../../runtime/disk/files.ts'
import { randomBelow } from '../../runtime/shared/random.ts'
import { until } from '../support/until.ts'

const IDS = [1, 2, 3]
const WHOLE_MS_MAX = 90_000
const KILLS = 3
const WRITES_A_ROUND = 120
/** After so many changes, a consumer goes to another server. */
const MOVES_AFTER_MAX = 40
const ENTRY_BYTES_MAX = 1 << 20

describe('the change feed of an ensemble', () => {
  let ensemble: Ensemble
  let admin: readonly string[]

  before(async () => {
    const ports = await freePorts(IDS.length)
    admin = ports.map((port) => `http://127.0.0.1:${port}`)
    ensemble = await Ensemble.prepare({
      ids: IDS,
      configuration: ['admin.enableServer=true', 'txnLogSizeLimitInKb=8', 'snapCount=200'],
      configurationOf: (id) => [`admin.serverPort=${ports[id - 1]}`],
    })
    ensemble.start()
    await ensemble.whole(WHOLE_MS_MAX)
  })
  after(() => ensemble?.end())

  /** Reads to the end of the test, now here, now there. */
  function consumer(): { told: TreeChange[]; end: () => Promise<void> } {
    const told: TreeChange[] = []
    const over = new AbortController()
    const reading = (async () => {
      let from = '0x0'
      while (!over.signal.aborted) {
        const move = new AbortController()
        const signal = AbortSignal.any([over.signal, move.signal])
        const first = randomBelow(admin.length)
        const servers = [...admin.slice(first), ...admin.slice(0, first)]
        const changes = new Changes({ servers, authorization: 'ip', from, data: true, signal })
        let left = 1 + randomBelow(MOVES_AFTER_MAX)
        for await (const change of changes) {
          told.push(change)
          from = change.id
          if (--left === 0) break
        }
        move.abort()
      }
    })()
    return {
      told,
      end: async () => {
        over.abort()
        await reading
      },
    }
  }

  async function write(client: Client, round: number): Promise<void> {
    for (let i = 0; i < WRITES_A_ROUND; i++) {
      const path = `/n${randomBelow(20)}`
      const data = utf8Bytes(`${round}-${i}`)
      const requests: readonly (() => Promise<unknown>)[] = [
        () => client.create(path, data),
        () => client.set(path, data),
        () => client.delete(path),
        () => client.multi([createOp(`/m${round}-${i}`, data), setOp('/fixed', data)]),
        () => client.multi([createOp('/x', null), deleteOp('/x')]),
      ]
      // Refused, or its fate is not known: the logs will tell.
      await requests[randomBelow(requests.length)]!().catch((error) => {
        if (!(error instanceof ZkError)) throw error
      })
    }
  }

  test('tells all, in order, and once, whoever leads', async () => {
    const client = new Client({ servers: ensemble.addresses })
    await client.create('/fixed', null)
    const consumers = [consumer(), consumer(), consumer()]
    const all = new Map<Zxid, readonly string[]>()
    await harvest(all, client)
    for (let round = 0; round < KILLS; round++) {
      const writing = write(client, round)
      const leader = await ensemble.whole(WHOLE_MS_MAX)
      await leader.kill()
      await writing
      leader.start()
      await ensemble.whole(WHOLE_MS_MAX)
      await write(client, round + KILLS)
      await harvest(all, client)
    }
    await client.create('/last', null)
    for (const { told } of consumers) {
      await until('a consumer has come to the end', WHOLE_MS_MAX, () => {
        return told.at(-1)?.path === '/last'
      })
    }
    await Promise.all(consumers.map(({ end }) => end()))
    await harvest(all, client)
    const expected = [...all].sort(([a], [b]) => a - b).flatMap(([, changes]) => changes)
    ok(expected.length > KILLS * WRITES_A_ROUND, `only ${expected.length} changes`)
    for (const { told } of consumers) {
      deepStrictEqual(
        told.map(({ id, kind, path, data }) => `${id} ${kind} ${path} ${data}`),
        expected,
      )
    }
    const versions = new Map<string, number>()
    for (const { path, kind, from, to } of consumers[0]!.told) {
      if (path === null || kind === 'acl') continue
      if (kind === 'changed') strictEqual(from, versions.get(path), path)
      versions.set(path, to ?? -1)
    }
    await client.close()
  })

  /** Adds what the members' logs hold, up to the last write that was answered: a member that is sent a
   * snapshot later loses what it has. Where two have the same transaction, they agree. */
  async function harvest(all: Map<Zxid, readonly string[]>, client: Client): Promise<void> {
    const last = client.connection.lastZxid
    for (const id of IDS) {
      let held = new Map<Zxid, readonly string[]>()
      await until(`server ${id} has ${formatZxid(last)}`, WHOLE_MS_MAX, () => {
        const folder = join(ensemble.dataFolder(id), 'version-2')
        held = transactionsOf(folder)
        const snapshots = sortedSnapshots(readdirSync(folder)).map(({ zxid }) => zxid)
        return [...held.keys(), ...snapshots].some((zxid) => zxid >= last)
      })
      for (const [zxid, changes] of held) {
        if (zxid > last) continue
        deepStrictEqual(all.get(zxid) ?? changes, changes, `server ${id}: ${formatZxid(zxid)}`)
        all.set(zxid, changes)
      }
    }
  }
})

/** The changes of each transaction in a folder's logs, file by file. */
function transactionsOf(folder: string): Map<Zxid, readonly string[]> {
  const files = new NodeFiles(folder, folder)
  const found = new Map<Zxid, readonly string[]>()
  for (const { name } of sortedLogs(files.list('log'))) {
    const file = files.open('log', name, 'read')
    const scanner = new LogScanner(name, file, ENTRY_BYTES_MAX)
    while (scanner.next() === 'entry') {
      const changes = changesOf(scanner.bytes, scanner.start, scanner.end).map((change) => {
        const { kind, path, data } = change
        const text = data === null ? null : Buffer.from(data).toString('base64')
        return `${positionText(change)} ${kind} ${path} ${text}`
      })
      found.set(scanner.zxid, changes)
    }
    file.close()
  }
  return found
}
