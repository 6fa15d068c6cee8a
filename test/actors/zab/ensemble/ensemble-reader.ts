// What a simulated disk reads back for learners: a snapshot of the tree, in pieces, or what was logged.

import type { Link } from '../../../../actors/zab/neighbours.ts'
import type { Zab } from '../../../../actors/zab/zab.ts'
import { JuteWriter } from '../../../../protocol/bytes/jute-writer.ts'
import type { ReadKind } from '../../../../protocol/messages/log.ts'
import type { Zxid } from '../../../../protocol/zxid.ts'
import type { Disk } from './ensemble-disk.ts'
import { body, type Tree } from './ensemble-tree.ts'
import type { World } from './ensemble-world.ts'

interface Reading {
  /** What is left of the snapshot's body; null when transactions are read. */
  left: Uint8Array | null
  at: Zxid
}

export class Reader {
  readonly #world: World
  readonly #disk: Disk
  readonly #tree: Tree
  readonly #answer: (run: () => void) => void
  readonly #zab: () => Zab
  readonly #readings: Map<Link, Reading> = new Map()

  /** Replies cross a wire of the log's. */
  constructor(
    world: World,
    disk: Disk,
    tree: Tree,
    answer: (run: () => void) => void,
    zab: () => Zab,
  ) {
    this.#world = world
    this.#disk = disk
    this.#tree = tree
    this.#answer = answer
    this.#zab = zab
  }

  begin(link: Link, kind: ReadKind, after: Zxid): void {
    const from = kind === 'snapshot' ? undefined : this.#floor(after)
    const isThere = from !== undefined && (kind === 'near' || from === after)
    if (isThere && (kind === 'exact' || this.#world.chance(70))) {
      this.#readings.set(link, { left: null, at: from })
      this.#answer(() => this.#zab().readBegun(link, from, false))
    } else if (kind === 'exact') {
      this.#readings.delete(link)
      this.#answer(() => this.#zab().readFailed(link, 'it is not there'))
    } else {
      const { zxid, entries } = this.#tree
      this.#readings.set(link, { left: body(entries), at: zxid })
      this.#answer(() => this.#zab().readBegun(link, zxid, true))
    }
  }

  on(link: Link): void {
    const reading = this.#readings.get(link)
    if (reading === undefined) return
    if (reading.left === null) {
      this.#entries(link, reading)
      return
    }
    const piece = reading.left.slice(0, this.#world.between(40, 600))
    reading.left = reading.left.slice(piece.length)
    const last = reading.left.length === 0
    this.#answer(() => this.#zab().pieceRead(link, last, piece, 0, piece.length))
  }

  #entries(link: Link, reading: Reading): void {
    const writer = new JuteWriter()
    const { log } = this.#disk
    const first = log.findIndex(({ zxid }) => zxid > reading.at)
    const count = first === -1 ? 0 : this.#world.between(1, 5)
    for (const { zxid, bytes } of log.slice(first, first + count)) {
      writer.buffer(bytes)
      reading.at = zxid
    }
    this.#answer(() => this.#zab().entriesRead(link, writer.bytes, 0, writer.length))
  }

  end(link: Link): void {
    this.#readings.delete(link)
  }

  /** The newest in the log, or right before it, that is not after this one. */
  #floor(after: Zxid): Zxid | undefined {
    const { log, snapshotZxid } = this.#disk
    const entry = log.findLast(({ zxid }) => zxid <= after)
    return entry?.zxid ?? (snapshotZxid <= after ? snapshotZxid : undefined)
  }
}
