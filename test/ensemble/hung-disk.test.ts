// The disk of one of three processes hangs for longer than a session may be silent: a follower's, and
// nobody but itself is slowed; the leader's, and the others' disks carry the writes until it lets one
// of them lead. Nobody's session expires, and in the end all hold the same.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Client } from '../../client/client.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import type { Member } from '../../perf/ensemble/member.ts'
import { DiskFaults, shimSkip } from '../support/disk-shim/disk-shim.ts'
import { removeFolder, temporaryFolder } from '../support/own-server.ts'
import { until } from '../support/until.ts'
import { clientOf, persistently, SESSION_MS } from './load.ts'
import { replicasAgree } from './replicas.ts'

const WHOLE_MS_MAX = 60_000
const STEPS_DOWN_MS_MAX = 40_000
/** More than a session's timeout. */
const HANG_MS = SESSION_MS + 2000
/** Without an answer. A busy machine elects and connects in less; a write that waits for that disk
 * would wait for all of the hang. */
const GAP_MS_MAX = 6000
/** What waits for the disk does not fit before it: some hundred of them are more than its ring. */
const VALUE_BYTES = 40_000
const PACE_MS = 10
const IDS = [1, 2, 3]

/** Writes all the time, and notes for how long it had no answer. */
class Writer {
  readonly client: Client
  readonly #path: string
  #lastMs = performance.now()
  #gapMs = 0
  #stopped = false
  #done: Promise<void> = Promise.resolve()
  acknowledged = 0

  constructor(servers: string, path: string, firstHost: number) {
    this.client = clientOf(servers, firstHost, SESSION_MS)
    this.#path = path
  }

  async begin(): Promise<void> {
    await persistently(() => this.client.create(this.#path, null))
    this.forget()
    this.#done = this.#run()
  }

  /** The gaps until now. */
  forget(): void {
    this.#gapMs = 0
    this.#lastMs = performance.now()
  }

  /** With the one that lasts. */
  get gapMs(): number {
    return Math.max(this.#gapMs, performance.now() - this.#lastMs)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#done
  }

  async #run(): Promise<void> {
    const data = new Uint8Array(VALUE_BYTES)
    while (!this.#stopped) {
      await persistently(() => this.client.set(this.#path, data))
      const nowMs = performance.now()
      this.#gapMs = Math.max(this.#gapMs, nowMs - this.#lastMs)
      this.#lastMs = nowMs
      this.acknowledged++
      await lasting(PACE_MS)
    }
  }
}

describe('a disk that hangs', { skip: shimSkip }, () => {
  const folder = temporaryFolder()
  const disks = new Map<number, DiskFaults>()
  const writers: Writer[] = []
  let ensemble: Ensemble

  before(async () => {
    for (const id of IDS) disks.set(id, await DiskFaults.prepare(folder, `disk-${id}`))
    ensemble = await Ensemble.prepare({
      ids: IDS,
      environment: (id) => disks.get(id)?.environment ?? {},
    })
    ensemble.start()
    await ensemble.whole(WHOLE_MS_MAX)
  })

  after(async () => {
    for (const { client } of writers) client.connection.abandon()
    await ensemble.end()
    removeFolder(folder)
  })

  test("a follower's: nobody else is slowed", async (t) => {
    const leader = await ensemble.whole(WHOLE_MS_MAX)
    const hung = ensemble.members.find((member) => member !== leader)!
    const others = ensemble.members.filter((member) => member !== hung)
    await write(
      '/follower',
      others.map(({ address }) => address),
    )
    await hang(hung, async () => lasting(HANG_MS))
    for (const [i, { gapMs }] of writers.entries()) {
      t.diagnostic(`a client of another server: ${Math.round(gapMs)} ms without an answer`)
      ok(gapMs < GAP_MS_MAX, `client ${i} had no answer for ${gapMs} ms`)
    }
    strictEqual((await leader.state())?.mode, 'leader')
    await allIsWell()
  })

  test("the leader's: the others go on without it, and one of them leads", async (t) => {
    const leader = await ensemble.whole(WHOLE_MS_MAX)
    await write(
      '/leader',
      IDS.map(() => ensemble.addresses),
    )
    await hang(leader, async () => {
      const beganMs = performance.now()
      await until('another one leads', STEPS_DOWN_MS_MAX, async () => {
        const states = await ensemble.states()
        return ensemble.members.some((each, i) => each !== leader && states[i]?.mode === 'leader')
      })
      const heldMs = performance.now() - beganMs
      t.diagnostic(`it led on for ${Math.round(heldMs)} ms`)
      await lasting(HANG_MS - heldMs)
    })
    ok(leader.lines.some((line) => line.includes('our own disk has synced nothing for')))
    for (const [i, { gapMs }] of writers.entries()) {
      t.diagnostic(`${Math.round(gapMs)} ms without an answer`)
      ok(gapMs < GAP_MS_MAX, `client ${i} had no answer for ${gapMs} ms`)
    }
    await allIsWell()
  })

  /** A client for each connect string. */
  async function write(path: string, servers: readonly string[]): Promise<void> {
    for (const [i, each] of servers.entries()) {
      const writer = new Writer(each, `${path}-${i}`, i)
      writers.push(writer)
      await writer.begin()
    }
  }

  /** For as long as `meanwhile` takes. */
  async function hang(member: Member, meanwhile: () => Promise<void>): Promise<void> {
    const disk = disks.get(member.id)!
    for (const writer of writers) writer.forget()
    disk.set({ call: 'sync', path: '/version-2/', what: 'hang' })
    await meanwhile()
    ok(disk.isFelt())
    const gone = writers.filter(({ client }) => client.connection.state === 'expired')
    deepStrictEqual(gone, [])
    for (const writer of writers) await writer.stop()
    disk.clear()
  }

  /** And the writers are gone, with the sessions that they began with. */
  async function allIsWell(): Promise<void> {
    try {
      await ensemble.whole(WHOLE_MS_MAX)
      await replicasAgree(ensemble)
      for (const { client, acknowledged } of writers.splice(0)) {
        ok(acknowledged > HANG_MS / GAP_MS_MAX)
        strictEqual(client.connection.state, 'connected')
        await client.close()
      }
    } catch (error) {
      throw new Error(ensemble.tails(30), { cause: error })
    }
  }
})

/** A fault lasts: this is no wait for something to happen. */
function lasting(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
