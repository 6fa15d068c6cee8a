// What the clients of an ensemble did and saw, and what must be true of it.
//
// Every acknowledged write has a zxid, so the order in which the ensemble says it did things is
// known; linearizability is then whether that order contradicts the clock (an operation that ended
// before another began comes first) or what anybody has read. A general search, which trusts no
// zxid, says the same of each register's writes and of the reads after a sync.

import { ok, strictEqual } from 'node:assert/strict'
import { linearizes } from '../linearizability/search.ts'
import { type Recorded, withUnknownPlaced, ZNODE } from '../linearizability/znode.ts'

/** Of a register: `key` was set to `value`, which nobody else writes. */
export interface Write {
  readonly client: number
  readonly key: string
  readonly value: string
  readonly startMs: number
  /** These are set when it was acknowledged; otherwise it may have happened, or may yet. */
  endMs: number
  zxid: number
  version: number
}

export interface Read {
  readonly client: number
  readonly key: string
  readonly value: string
  readonly startMs: number
  readonly endMs: number
  /** mzxid and version of what was read. */
  readonly zxid: number
  readonly version: number
  /** After a sync that began at `startMs`. */
  readonly synced: boolean
  /** The newest zxid this client had seen when it asked. */
  readonly seen: number
}

const NEVER = Number.POSITIVE_INFINITY

export class History {
  readonly writes: Write[]
  readonly reads: Read[]

  constructor(writes: Write[] = [], reads: Read[] = []) {
    this.writes = writes
    this.reads = reads
  }

  begin(client: number, key: string, value: string): Write {
    const startMs = performance.now()
    const write = { client, key, value, startMs, endMs: NEVER, zxid: -1, version: -1 }
    this.writes.push(write)
    return write
  }

  acknowledged(): Write[] {
    return this.writes.filter((write) => write.endMs !== NEVER)
  }

  /** Throws when something cannot have happened. */
  check(): void {
    this.#checkOrder()
    const keys = new Set(this.writes.map(({ key }) => key))
    const attempts = new Map(this.writes.map((write) => [write.value, write]))
    const seenAs = new Map<string, string>()
    for (const { key, value, zxid, version } of [...this.acknowledged(), ...this.reads]) {
      const place = `${key} version ${version}`
      const what = `${value} at ${zxid.toString(16)}`
      strictEqual(seenAs.get(place) ?? what, what, `${place} is two things`)
      seenAs.set(place, what)
    }
    for (const read of this.reads) {
      const { key, value, endMs } = read
      const write = attempts.get(value)
      ok(value === '' || (write?.key === key && write.startMs <= endMs), `${value} from nowhere`)
    }
    for (const key of keys) {
      const writes = this.acknowledged().filter((write) => write.key === key)
      this.#checkKey(
        writes,
        this.reads.filter((read) => read.key === key),
      )
    }
    this.#checkClients()
    const { verdict, part, reason } = linearizes(ZNODE, this.#parts(keys))
    strictEqual(verdict, 'linearizable', `${part}: ${reason}`)
  }

  /** By register. Reads without a sync may be of an earlier time. */
  #parts(keys: Iterable<string>): ReadonlyMap<string, readonly Recorded[]> {
    const parts = new Map([...keys].map((key): [string, Recorded[]] => [key, []]))
    for (const { key, value, version, startMs: start, endMs: end } of this.writes) {
      parts.get(key)!.push({ action: { asked: 'set', value, version }, start, end })
    }
    for (const { key, value, version, startMs: start, endMs: end, synced } of this.reads) {
      if (synced) parts.get(key)?.push({ action: { asked: 'get', value, version }, start, end })
    }
    return new Map([...parts].map(([key, part]) => [key, withUnknownPlaced(part)]))
  }

  /** Each write has its own zxid, and no later one ended before an earlier one began. */
  #checkOrder(): void {
    const writes = this.acknowledged().sort((a, b) => b.zxid - a.zxid)
    let earliestEndMs = NEVER
    let later: Write | null = null
    let ended: Write | null = null
    for (const write of writes) {
      ok(later === null || write.zxid < later.zxid, `two writes at ${write.zxid.toString(16)}`)
      ok(write.startMs <= earliestEndMs, `${told(ended)} ended before ${told(write)} began`)
      if (write.endMs < earliestEndMs) ended = write
      earliestEndMs = Math.min(earliestEndMs, write.endMs)
      later = write
    }
  }

  #checkKey(writes: Write[], reads: readonly Read[]): void {
    const byZxid = [...writes].sort((a, b) => a.zxid - b.zxid)
    byZxid.forEach((write, i) => {
      const before = byZxid[i - 1]
      ok(before === undefined || before.version < write.version, `versions of ${told(write)}`)
    })
    const byEnd = [...writes].sort((a, b) => a.endMs - b.endMs)
    let newest = 0
    const newestUntil = byEnd.map(({ zxid }) => {
      newest = Math.max(newest, zxid)
      return newest
    })
    for (const read of reads) {
      const known = lastWhere(byZxid, ({ zxid }) => zxid <= read.seen)
      const wanted = known < 0 ? 0 : byZxid[known]!.zxid
      ok(read.zxid >= wanted, `${told(read)}: its client knew of ${wanted.toString(16)}`)
      if (!read.synced) continue
      const done = lastWhere(byEnd, ({ endMs }) => endMs < read.startMs)
      const due = done < 0 ? 0 : newestUntil[done]!
      ok(read.zxid >= due, `${told(read)} after sync: ${due.toString(16)} was acknowledged before`)
    }
  }

  /** Nobody's time runs backwards, whichever servers it speaks with. */
  #checkClients(): void {
    const seen = new Map<string, number>()
    const all = [...this.acknowledged(), ...this.reads].sort((a, b) => a.endMs - b.endMs)
    for (const { client, key, zxid } of all) {
      const place = `${client} ${key}`
      ok(zxid >= (seen.get(place) ?? 0), `client ${client} sees an older ${key}`)
      seen.set(place, zxid)
    }
  }
}

function told(of: Write | Read | null): string {
  return of === null ? '' : `${of.key}=${of.value} at ${of.zxid.toString(16)}`
}

/** The index of the last that fits, of an array whose fitting ones come first; -1 if none does. */
function lastWhere<T>(all: readonly T[], fits: (item: T) => boolean): number {
  let [low, high] = [0, all.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (fits(all[middle]!)) low = middle + 1
    else high = middle
  }
  return low - 1
}
