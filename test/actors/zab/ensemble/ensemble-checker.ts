// What must hold after every step, of all servers together.

import {
  counterOf,
  epochOf,
  follows,
  formatZxid,
  ZXID_ZERO,
  type Zxid,
} from '../../../../protocol/zxid.ts'

export interface Entry {
  readonly zxid: Zxid
  readonly bytes: Uint8Array
}

export class Violation extends Error {}

export function fail(what: string): never {
  throw new Violation(what)
}

interface DurableState {
  readonly accepted: number
  readonly current: number
  readonly last: Zxid
  readonly snapshotZxid: Zxid
  holds(zxid: Zxid): boolean
}

export class Checker {
  /** What an established leader has committed: acknowledged to clients, so never to be lost. */
  readonly committed: Entry[] = []
  /** Who was established in an epoch. */
  readonly #leaders: Map<number, number> = new Map()
  /** Where the initial history of an epoch ends, by its leader. */
  readonly #initial: Map<number, Zxid> = new Map()
  /** Every transaction ever proposed. */
  readonly #proposed: Map<Zxid, Entry> = new Map()

  proposed(entry: Entry): void {
    const known = this.#proposed.get(entry.zxid)
    if (known !== undefined) fail(`${formatZxid(entry.zxid)} proposed twice`)
    this.#proposed.set(entry.zxid, entry)
  }

  /** A leader whose epoch a quorum, itself among them, has agreed to closes its initial history. */
  closed(epoch: number, last: Zxid, disk: DurableState): void {
    this.promises(epoch, disk)
    const known = this.#initial.get(epoch)
    if (known !== undefined) fail(`two leaders begin epoch ${epoch}`)
    this.#initial.set(epoch, last)
  }

  established(id: number, epoch: number, disk: DurableState): void {
    if (disk.current !== epoch) fail(`server ${id} leads epoch ${epoch} before it is on disk`)
    const known = this.#leaders.get(epoch)
    if (known !== undefined) fail(`servers ${known} and ${id} are established in epoch ${epoch}`)
    this.#leaders.set(epoch, id)
  }

  /** The tree of a leader that is established now: whatever was acknowledged before its epoch, it
   * has. It may be deposed already: acknowledgements that it waited for were long on their way. */
  begins(epoch: number, entries: readonly Entry[]): void {
    const lost = this.committed[entries.length]
    if (lost !== undefined && epochOf(lost.zxid) < epoch) {
      fail(`a leader has lost ${formatZxid(lost.zxid)}, which was acknowledged`)
    }
    this.leads(entries, 0)
  }

  /** A leader's tree may be ahead of what we know. One that was deposed and has not heard of it
   * may be behind: it commits what a quorum acknowledged before, which its successor has too. */
  leads(entries: readonly Entry[], from: number): void {
    this.serves(entries, from, Math.min(entries.length, this.committed.length))
    for (let i = this.committed.length; i < entries.length; i++) {
      const entry = entries[i]!
      const previous = this.committed.at(-1)?.zxid ?? ZXID_ZERO
      if (!follows(previous, entry.zxid)) fail(`a hole before ${formatZxid(entry.zxid)}`)
      this.#genuine(entry)
      this.committed.push(entry)
    }
  }

  /** A serving tree: what it has applied is committed, and the same everywhere. */
  serves(entries: readonly Entry[], from: number, bound: number = entries.length): void {
    for (let i = from; i < bound; i++) {
      const committed = this.committed[i]
      const entry = entries[i]!
      if (committed === undefined) fail(`${formatZxid(entry.zxid)} applied, not committed`)
      if (committed.zxid !== entry.zxid || !sameBytes(committed.bytes, entry.bytes)) {
        fail(`${formatZxid(entry.zxid)} applied where ${formatZxid(committed.zxid)} belongs`)
      }
    }
  }

  acknowledges(zxid: Zxid, disk: DurableState, firstOnLink: boolean): void {
    const epoch = epochOf(zxid)
    if (counterOf(zxid) === 0) {
      if (disk.current !== epoch) fail(`NEWLEADER of ${epoch} acknowledged before it is on disk`)
      return
    }
    if (firstOnLink) fail(`${formatZxid(zxid)} acknowledged before NEWLEADER`)
    if (disk.last < zxid || !disk.holds(zxid)) {
      fail(`${formatZxid(zxid)} acknowledged before it is on disk`)
    }
  }

  /** What a server promises with this packet, or counts as its own promise, is on disk. */
  promises(accepted: number, disk: DurableState): void {
    if (disk.accepted !== accepted) fail(`epoch ${accepted} promised before it is on disk`)
  }

  durable(disk: DurableState, savedCurrent: boolean): void {
    const { accepted, current, last } = disk
    if (current > accepted) fail(`current epoch ${current} after accepted ${accepted} on disk`)
    const initial = savedCurrent ? this.#initial.get(current) : undefined
    if (initial === undefined) return
    const whole = last >= initial && (disk.snapshotZxid > initial || disk.holds(initial))
    if (!whole) fail(`epoch ${current} on disk before its history, up to ${formatZxid(initial)}`)
  }

  logged(entry: Entry): void {
    this.#genuine(entry)
  }

  #genuine(entry: Entry): void {
    const known = this.#proposed.get(entry.zxid)
    if (known === undefined) fail(`${formatZxid(entry.zxid)} was never proposed`)
    if (!sameBytes(known.bytes, entry.bytes)) fail(`${formatZxid(entry.zxid)} has other bytes`)
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
