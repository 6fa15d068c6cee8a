// A tree that is the list of what was applied. Its snapshot is that list.

import type { ZabTree } from '../../../../actors/zab/neighbours.ts'
import { JuteReader } from '../../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../../protocol/bytes/jute-writer.ts'
import { TXN_ZXID_AT, writeTxnHeader } from '../../../../protocol/txn.ts'
import { epochOf, follows, nextZxid, ZXID_ZERO, type Zxid } from '../../../../protocol/zxid.ts'
import { type Checker, type Entry, fail } from './ensemble-checker.ts'

export interface TreeOutlets {
  readonly id: number
  propose(entry: Entry): void
}

export class Tree implements ZabTree {
  readonly #to: TreeOutlets
  readonly #checker: Checker
  mode: 'idle' | 'leading' | 'following' = 'idle'
  entries: Entry[] = []
  zxid: Zxid = ZXID_ZERO
  outstanding: Entry[] = []
  #next: Zxid = ZXID_ZERO
  #pieces: Uint8Array[] = []
  #checked = 0

  constructor(to: TreeOutlets, checker: Checker) {
    this.#to = to
    this.#checker = checker
  }

  load(entries: readonly Entry[], zxid: Zxid): void {
    this.entries = [...entries]
    this.zxid = zxid
  }

  /** A client's write; only a leader takes it. */
  write(payload: number): void {
    if (this.mode !== 'leading') return
    this.#next = nextZxid(this.#next)
    const entry = transaction(this.#next, payload)
    this.outstanding.push(entry)
    this.#to.propose(entry)
  }

  config(): void {}

  supporters(): void {}

  apply(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#push({ zxid, bytes: bytes.slice(start, end) })
    if (this.mode === 'following') this.#check()
    if (this.mode === 'leading') fail('a leader applies what it has not prepared')
  }

  committed(zxid: Zxid): void {
    if (this.mode !== 'leading') fail('committed to a tree that does not lead')
    while (this.outstanding.length > 0 && this.outstanding[0]!.zxid <= zxid) {
      this.#push(this.outstanding.shift()!)
    }
    if (this.zxid !== zxid) fail('committed what was not prepared')
    this.#check()
  }

  lead(zxid: Zxid): void {
    this.mode = 'leading'
    this.#next = zxid
    this.#checker.begins(epochOf(zxid), this.entries)
    this.#checked = this.entries.length
  }

  follow(zxid: Zxid): void {
    if (epochOf(this.zxid) > epochOf(zxid)) fail('follows in an epoch before what was applied')
    this.mode = 'following'
    this.#checked = 0
    this.#check()
  }

  idle(): void {
    this.mode = 'idle'
    this.outstanding = []
  }

  snapshotBegin(): void {
    this.entries = []
    this.zxid = ZXID_ZERO
    this.#pieces = []
  }

  snapshotPiece(bytes: Uint8Array, start: number, end: number): void {
    // What has arrived is in the tree at once.
    this.#pieces.push(bytes.slice(start, end))
    this.entries = readBody(Buffer.concat(this.#pieces))
    this.zxid = this.entries.at(-1)?.zxid ?? ZXID_ZERO
  }

  snapshotEnd(zxid: Zxid): void {
    this.zxid = zxid
  }

  // Clients are the whole cluster's simulation.
  forwarded(): void {}
  readOnly(): void {}
  revalidation(): void {}
  revalidated(): void {}
  synchronized(): void {}

  answer(): void {}

  #push(entry: Entry): void {
    if (!follows(this.zxid, entry.zxid)) fail('a hole in the tree')
    this.entries.push(entry)
    this.zxid = entry.zxid
  }

  #check(): void {
    if (this.mode === 'leading') this.#checker.leads(this.entries, this.#checked)
    else this.#checker.serves(this.entries, this.#checked)
    this.#checked = this.entries.length
  }
}

function transaction(zxid: Zxid, payload: number): Entry {
  const writer = new JuteWriter(48)
  writeTxnHeader(writer, { sessionId: 1n as never, cxid: 0, zxid, timeMs: 0, type: 5 })
  writer.int(payload)
  return { zxid, bytes: writer.finish() }
}

/** A snapshot's. */
export function body(entries: readonly Entry[]): Uint8Array {
  const writer = new JuteWriter()
  for (const { bytes } of entries) writer.buffer(bytes)
  return writer.finish()
}

function readBody(bytes: Uint8Array): Entry[] {
  const reader = new JuteReader(bytes, 0, bytes.length)
  const entries: Entry[] = []
  while (reader.remaining >= 4) {
    const start = reader.offset
    const length = reader.int()
    if (reader.remaining < length) break
    reader.skip(length)
    const txn = bytes.slice(start + 4, start + 4 + length)
    entries.push({ zxid: new JuteReader(txn, TXN_ZXID_AT, txn.length).zxid(), bytes: txn })
  }
  return entries
}
