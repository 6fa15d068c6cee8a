// The snapshot behind a SNAP packet (SerializeUtils.serializeSnapshot). It gives no length:
//
//   int count, count x (long session, int timeout)
//   int count, count x (long id, vector<ACL>)
//   nodes: ustring path, buffer data, long acl, StatPersisted (60 bytes)
//   ustring "/", the end mark; then ustring "BenWasHere", the signature
//
// It is the body of a snapshot file, without header, seals and digest, in 3.8 as in 3.9 and later.
// To find its end, only its lengths are read. Whoever loads the tree reads the rest.

import { MalformedError } from '../bytes/jute-reader.ts'
import { SLASH } from '../path.ts'
import { SNAPSHOT_ITEMS } from './ranges.ts'

const SIGNATURE = Uint8Array.of(0, 0, 0, 10, ...new TextEncoder().encode('BenWasHere'))
const SESSION_BYTES = 12
const ACL_ID_BYTES = 8
const PERMS_BYTES = 4
/** long acl, StatPersisted */
const STAT_BYTES = 68

/** Which int comes next. 'mark' is the byte of the end mark, 'done' is behind it. */
type Next = 'sessions' | 'lists' | 'list' | 'scheme' | 'id' | 'path' | 'data' | 'mark' | 'done'

/** Finds the end of a body that arrives in pieces, which may be cut anywhere. */
export class SnapshotStream {
  readonly #fieldBytesMax: number
  #next: Next = 'sessions'
  /** How many bytes to pass over first. */
  #skip = 0
  #int = 0
  #intBytes = 0
  /** Access lists to come, and entries of the present one. */
  #lists = 0
  #entries = 0

  /** `fieldBytesMax`: the limit for a path, a node's data, and the texts of an access list. */
  constructor(fieldBytesMax: number) {
    this.#fieldBytesMax = fieldBytesMax
  }

  /** Whether the end mark has been passed. */
  get done(): boolean {
    return this.#next === 'done'
  }

  /** Where the part of these bytes that belongs to the body ends. Throws MalformedError on lengths
   * that no tree has. */
  scan(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    while (at < end && this.#next !== 'done') {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, end - at)
        this.#skip -= passed
        at += passed
      } else {
        this.#byte(bytes[at++]!)
      }
    }
    return at
  }

  #byte(byte: number): void {
    if (this.#next === 'mark') {
      if (byte !== SLASH) throw new MalformedError('snapshot: a path of one byte')
      this.#next = 'done'
      return
    }
    this.#int = (this.#int << 8) | byte
    if (++this.#intBytes < 4) return
    this.#intBytes = 0
    this.#onInt(this.#int)
  }

  #onInt(value: number): void {
    switch (this.#next) {
      case 'sessions':
        this.#skip = SESSION_BYTES * this.#bounded(value, 0, SNAPSHOT_ITEMS.max)
        this.#next = 'lists'
        break
      case 'lists':
        this.#lists = this.#bounded(value, 0, SNAPSHOT_ITEMS.max)
        this.#nextList()
        break
      case 'list':
        this.#entries = this.#bounded(value, -1, SNAPSHOT_ITEMS.max)
        this.#nextEntry()
        break
      case 'scheme':
        this.#skip = this.#bounded(value, -1, this.#fieldBytesMax)
        this.#next = 'id'
        break
      case 'id':
        this.#skip = this.#bounded(value, -1, this.#fieldBytesMax)
        this.#nextEntry()
        break
      case 'path':
        if (value === 1) {
          this.#next = 'mark'
          break
        }
        this.#skip = this.#bounded(value, 0, this.#fieldBytesMax)
        this.#next = 'data'
        break
      default:
        this.#skip = this.#bounded(value, -1, this.#fieldBytesMax) + STAT_BYTES
        this.#next = 'path'
    }
  }

  #nextList(): void {
    this.#next = this.#lists > 0 ? 'list' : 'path'
    if (this.#lists-- > 0) this.#skip += ACL_ID_BYTES
  }

  #nextEntry(): void {
    if (this.#entries-- <= 0) {
      this.#nextList()
      return
    }
    this.#skip += PERMS_BYTES
    this.#next = 'scheme'
  }

  /** A length or a count. Jute's null, -1, counts as none. */
  #bounded(value: number, min: number, max: number): number {
    if (value < min || value > max) {
      throw new MalformedError(`snapshot: length ${value} where ${this.#next} is due`)
    }
    return Math.max(0, value)
  }
}

/** Where the signature at `start` ends; null while it is incomplete. Throws MalformedError as soon
 * as it can no longer become one. */
export function signatureEnd(bytes: Uint8Array, start: number, end: number): number | null {
  const arrived = Math.min(SIGNATURE.length, end - start)
  for (let i = 0; i < arrived; i++) {
    if (bytes[start + i] !== SIGNATURE[i]) throw new MalformedError('snapshot: no signature')
  }
  return arrived === SIGNATURE.length ? start + arrived : null
}

/** The bytes to send after a snapshot's body. */
export function snapshotSignature(): Uint8Array {
  return SIGNATURE.slice()
}
