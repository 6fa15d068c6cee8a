// One run of the fuzz: a log, a disk, the model of both, and whoever writes snapshots.

import { deepStrictEqual, ok } from 'node:assert'
import { snapshotTemporary } from '../../../actors/log/files/file-names.ts'
import type { LogOptions } from '../../../actors/log/options.ts'
import { epochOf, ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import { PowerCut, type Random, SimulatedDisk } from '../../simulator/world/disk.ts'
import {
  append,
  type Bench,
  bench,
  causedBy,
  concat,
  later,
  seeded,
  settle,
  snapshotFile,
  transaction,
  z,
} from './bench.ts'

const DEEDS = 60
/** Promised from the start, as before any transaction of an epoch. */
const EPOCHS_MAX = 10_000
const OPTIONS: Partial<LogOptions> = {
  ensemble: true,
  txnLogSizeLimitBytes: 900,
  preAllocSizeBytes: 4096,
}
/** In place of a size: the beginning of an epoch, which only a snapshot holds. */
const NO_ENTRY = -1

/** Transactions by zxid and size, in order. */
type History = readonly (readonly [zxid: Zxid, size: number])[]

/** A snapshot that is being written, or waits for the one that is. */
interface Writing {
  readonly zxid: Zxid
  readonly history: History
}

export class FuzzedLog {
  readonly #random: Random
  readonly #disk = new SimulatedDisk()
  readonly #counts = new Map<string, number>()
  #made: Bench
  /** Everything appended; so much of it is durable. */
  #history: History = []
  #durable = 0
  #epochs = { accepted: EPOCHS_MAX, current: 0 }
  #savingEpoch: { accepted: number; current: number } | null = null
  /** A cut to this length is under way. */
  #cutTo: number | null = null
  #installing: { zxid: Zxid; history: History } | null = null
  /** The log has been told that the snapshot is there. */
  #installSaved = false
  #writing: Writing[] = []
  /** Of installs that were abandoned: a leader may send the same again. */
  #abandoned: { zxid: Zxid; history: History }[] = []
  #epoch = 0
  /** A purge was cut short: of the oldest logs any may be left. */
  #purging = false
  #mayHaveGaps = false

  constructor(seed: number) {
    this.#random = seeded(seed)
    this.#made = bench(this.#disk, OPTIONS)
    settle(this.#made)
    this.#made.log.saveEpoch('accepted', EPOCHS_MAX)
  }

  run(): ReadonlyMap<string, number> {
    for (let round = 0; round < 6; round++) {
      this.#disk.cutPowerAt(1 + this.#random(400))
      try {
        for (let i = 0; i < DEEDS; i++) this.#deed()
      } catch (error) {
        if (!(causedBy(error) instanceof PowerCut) && !this.#disk.dark) throw error
      }
      this.#restart()
    }
    return this.#counts
  }

  #deed(): void {
    const deed = this.#random(20)
    if (this.#installing !== null && deed < 8) this.#abandon()
    else if (this.#installing !== null) this.#writeOne()
    else if (deed < 8) this.#append()
    else if (deed < 9) this.#saveEpoch()
    else if (deed < 11) this.#truncate()
    else if (deed < 13) this.#install()
    else if (deed < 14) this.#reload()
    else if (deed < 16) this.#askForSnapshot()
    else if (deed < 18) this.#writeOne()
    else later(this.#made)
    this.#turn()
    if (this.#disk.dark) throw new PowerCut('power cut')
  }

  #turn(): void {
    const { log } = this.#made
    if (this.#random(3) === 0) settle(this.#made)
    else log.endTurn()
    this.#note()
  }

  /** What the log has said so far. */
  #note(): void {
    const { synced } = this.#made.recorder
    const index = this.#history.findIndex(([zxid]) => zxid === synced)
    if (index >= this.#durable) this.#durable = index + 1
  }

  #append(): void {
    for (let count = 1 + this.#random(4); count > 0; count--) {
      const last = this.#last()
      const follows = epochOf(last) === this.#epoch && this.#random(12) > 0
      const zxid = follows ? ((last + 1) as Zxid) : z(++this.#epoch, 1)
      const size = this.#random(300)
      this.#history = [...this.#history, [zxid, size]]
      append(this.#made.log, zxid, size)
    }
  }

  #saveEpoch(): void {
    const epochs = { ...this.#epochs }
    const raises = epochs.accepted === epochs.current || this.#random(2) === 0
    if (raises) epochs.accepted++
    else epochs.current++
    this.#savingEpoch = epochs
    const which = raises ? 'accepted' : 'current'
    this.#made.log.saveEpoch(which, epochs[which])
    this.#expectLast(['epochSaved', which])
    this.#savingEpoch = null
    this.#epochs = epochs
    this.#note()
    deepStrictEqual(this.#durable, this.#history.length, 'an epoch before its history')
  }

  #truncate(): void {
    // Snapshots that are being written are of what is committed, and that is never cut.
    const committed = Math.max(0, ...this.#writing.map(({ history }) => history.length))
    const length = this.#random(this.#history.length + 1)
    if (length < committed) return
    settle(this.#made)
    const target = this.#zxidAt(length)
    const mustDo = this.#holdsBefore(target)
    this.#cutTo = length
    this.#made.log.truncate(target)
    const [kind, last] = this.#made.recorder.effects.at(-1)!
    deepStrictEqual(kind, 'truncated')
    if (this.#disk.dark) return
    if (last === text(target)) {
      this.#count('cut')
      this.#history = this.#history.slice(0, length)
    } else {
      ok(!mustDo, `the log must be cut at ${text(target)}`)
      deepStrictEqual(last, text(this.#last()))
      this.#count('refused')
    }
    this.#cutTo = null
    this.#durable = this.#history.length
    this.#made.recorder.synced = ZXID_ZERO
  }

  /** Whether what is kept on disk surely reaches back far enough. */
  #holdsBefore(target: Zxid): boolean {
    const logs = zxidsOf(this.#disk.contents('log').keys(), 'log.')
    if (logs.includes(ZXID_ZERO)) return true
    if (this.#mayHaveGaps) return false
    const foreign = new Set(this.#abandoned.map(({ zxid }) => zxid))
    const snapshots = zxidsOf(this.#disk.contents('snapshot').keys(), 'snapshot.')
    return snapshots.some(
      (zxid) => zxid <= target && !foreign.has(zxid) && logs.some((log) => log <= zxid),
    )
  }

  #install(): void {
    settle(this.#made)
    const install = this.#leaders()
    this.#installing = install
    this.#installSaved = false
    this.#made.log.install(install.zxid)
    this.#expectLast(['snapshotNow', text(install.zxid)])
    // What waited and was never begun is dropped.
    this.#writing = [...this.#writing.slice(0, 1), install]
  }

  /** What a leader may hold: some of ours, then its own; or what we were sent before. */
  #leaders(): { zxid: Zxid; history: History } {
    const again = this.#abandoned[this.#random(3)]
    if (again !== undefined) return again
    const shared = this.#history.slice(0, this.#random(this.#history.length + 1))
    if (this.#random(4) === 0) return { zxid: shared.at(-1)?.[0] ?? ZXID_ZERO, history: shared }
    const epoch = ++this.#epoch
    const own: [Zxid, number][] = [[z(epoch, 0), NO_ENTRY]]
    for (let i = this.#random(4); i > 0; i--) own.push([z(epoch, own.length), this.#random(99)])
    const history = [...shared, ...own]
    return { zxid: history.at(-1)![0], history }
  }

  #abandon(): void {
    this.#abandoned.push(this.#installing!)
    this.#installing = null
    this.#made.log.fence()
    deepStrictEqual(this.#made.recorder.effects.slice(-2), [['fenced'], ['tree fenced']])
    this.#count('abandoned')
    if (this.#random(2) === 0) this.#reload()
  }

  #reload(): void {
    const { log, recorder } = this.#made
    recorder.body = []
    recorder.replayed.clear()
    log.reload()
    this.#note()
    deepStrictEqual(this.#durable, this.#history.length, 'a reload loses what was appended')
    if (this.#random(3) === 0) {
      log.endTurn()
      this.#writeOne(true)
    }
    settle(this.#made)
    if (this.#disk.dark) return
    deepStrictEqual(this.#recovered(), this.#history)
    deepStrictEqual(recorder.recoveredTo, this.#last())
    this.#count('reload')
  }

  #askForSnapshot(): void {
    if (this.#writing.length > 0) return
    const history = this.#history.slice(0, this.#durable)
    this.#writing.push({ zxid: history.at(-1)?.[0] ?? ZXID_ZERO, history })
  }

  /** The snapshot that was asked for first is written, and the log hears of it. */
  #writeOne(loading = false): void {
    const writing = this.#writing[0]
    if (writing === undefined) return
    const { zxid, history } = writing
    const bytes = snapshotFile(new TextEncoder().encode(JSON.stringify(history)))
    const name = `snapshot.${zxid.toString(16)}`
    const file = this.#disk.open('snapshot', snapshotTemporary(name), 'write')
    file.truncate(0)
    file.write(bytes, 0, bytes.length, 0)
    file.sync()
    this.#disk.rename('snapshot', snapshotTemporary(name), name)
    this.#disk.syncFolder('snapshot')
    // The word of it may take its time.
    if (!loading && this.#installing === null && this.#random(3) === 0) {
      append(this.#made.log, this.#nextFor(99), 99)
    }
    this.#writing.shift()
    this.#installSaved = this.#installing?.zxid === zxid
    const events = this.#made.recorder.events.length
    this.#purging = true
    this.#made.log.snapshotSaved(zxid)
    if (this.#disk.dark) return
    if (this.#installSaved) this.#onInstalled()
    else this.#count('snapshot')
    const news = this.#made.recorder.events.slice(events)
    if (news.includes('abandoned-install-removed')) {
      this.#count('foreign')
      const at = this.#abandoned.findIndex((other) => other.zxid === zxid)
      this.#abandoned.splice(at, 1)
    }
    settle(this.#made)
    if (this.#made.recorder.events.slice(events).includes('purged')) this.#count('purged')
    this.#purging = false
  }

  #nextFor(size: number): Zxid {
    const zxid = z(++this.#epoch, 1)
    this.#history = [...this.#history, [zxid, size]]
    return zxid
  }

  #onInstalled(): void {
    const { zxid, history } = this.#installing!
    this.#expectLast(['installed'])
    this.#installing = null
    this.#installSaved = false
    this.#history = history
    this.#durable = history.length
    this.#made.recorder.synced = ZXID_ZERO
    this.#abandoned = this.#abandoned.filter((other) => other.zxid !== zxid)
    this.#mayHaveGaps = false
    this.#count('installed')
  }

  #restart(): void {
    if (this.#disk.dark) this.#countCrash()
    this.#mayHaveGaps ||= this.#purging
    this.#purging = false
    this.#note()
    this.#disk.crash(this.#random)
    this.#made = bench(this.#disk, OPTIONS)
    settle(this.#made)
    const { recorder } = this.#made
    const found = this.#recovered()
    ok(this.#mayFind(found), `found ${JSON.stringify(found)}, had ${JSON.stringify(this.#history)}`)
    this.#history = found
    deepStrictEqual(recorder.recoveredTo, this.#last())
    this.#durable = found.length
    const epochs = recorder.effects.find(([kind]) => kind === 'epochs')![1]!
    const { accepted, current } = this.#epochs
    const saving = this.#savingEpoch
    const before = `${accepted}/${current}`
    const after = saving === null ? before : `${saving.accepted}/${saving.current}`
    ok(epochs === before || epochs === after, `${epochs}, not ${before} or ${after}`)
    if (saving !== null && epochs === after) this.#epochs = saving
    this.#savingEpoch = null
    this.#cutTo = null
    this.#installing = null
    this.#installSaved = false
    this.#writing = []
    this.#abandoned = []
    ok(!this.#disk.contents('log').has('unfinished'), 'a note is left')
  }

  #countCrash(): void {
    this.#count('crash')
    if (this.#cutTo !== null) this.#count('crash in cut')
    if (this.#installSaved) this.#count('crash in install')
  }

  #mayFind(found: History): boolean {
    if (this.#installSaved && same(found, this.#installing!.history)) return true
    const least = Math.min(this.#durable, this.#cutTo ?? this.#durable)
    return found.length >= least && same(found, this.#history.slice(0, found.length))
  }

  /** What the tree was told. */
  #recovered(): History {
    const { recorder } = this.#made
    const bytes = concat(recorder.body)
    const json = new TextDecoder().decode(bytes.subarray(0, Math.max(0, bytes.length - 13)))
    const history: [Zxid, number][] = json === '' ? [] : JSON.parse(json)
    const sizes = new Map(this.#history)
    for (const [zxid, payload] of recorder.replayed) {
      if (zxid <= (history.at(-1)?.[0] ?? -1)) continue
      const size = sizes.get(zxid) ?? 0
      deepStrictEqual(payload, transaction(zxid, size), `${text(zxid)} was never appended`)
      history.push([zxid, size])
    }
    return history
  }

  #expectLast(effect: string[]): void {
    deepStrictEqual(this.#made.recorder.effects.at(-1), effect)
  }

  #last(): Zxid {
    return this.#zxidAt(this.#history.length)
  }

  #zxidAt(length: number): Zxid {
    return this.#history[length - 1]?.[0] ?? ZXID_ZERO
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }
}

function same(a: History, b: History): boolean {
  return (
    a.length === b.length && a.every(([zxid, size], i) => zxid === b[i]![0] && size === b[i]![1])
  )
}

function text(zxid: Zxid): string {
  return `0x${zxid.toString(16)}`
}

function zxidsOf(names: Iterable<string>, prefix: string): Zxid[] {
  return [...names]
    .filter((name) => name.startsWith(prefix) && /^[0-9a-f]+$/.test(name.slice(prefix.length)))
    .map((name) => Number.parseInt(name.slice(prefix.length), 16) as Zxid)
}
