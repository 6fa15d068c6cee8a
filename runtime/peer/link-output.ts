// What one connection of port 2888 has yet to send.
//
// A turn's packets are gathered and written at once. While a snapshot is due or under way they wait
// behind it; its body goes out a chunk at a time, each when the socket has taken the one before, so
// that neither the tree's size nor a slow learner keeps memory or others waiting. What waits is
// bounded.

import type { Socket } from 'node:net'
import { type FrozenTree, snapshotBody } from '../../actors/tree/snapshot-source.ts'
import { assert } from '../../protocol/assert.ts'
import { JuteWriter } from '../../protocol/jute-writer.ts'
import { PacketType, writePacket } from '../../protocol/quorum/packet.ts'
import { snapshotSignature } from '../../protocol/quorum/snapshot-stream.ts'
import type { Transport } from './transport.ts'

/** A larger buffer is not kept for the next turn. */
const KEPT_BYTES_MAX = 1 << 20

/** 'plain': packets go out as they come. */
type Mode = 'plain' | 'snapshot-due' | 'snapshot'

export class LinkOutput {
  readonly #socket: Socket
  readonly #unsentBytesMax: number
  readonly #soon: Transport['soon']
  readonly #progress: () => void
  #mode: Mode = 'plain'
  #gathered = new JuteWriter()
  /** Behind the snapshot. */
  #held = new JuteWriter()
  #chunks: Iterator<Uint8Array> | null = null
  #snapshotDone: ((ok: boolean) => void) | null = null
  #closed = false

  /** `progress`: the socket has taken more of a snapshot. */
  constructor(
    socket: Socket,
    unsentBytesMax: number,
    soon: Transport['soon'],
    progress: () => void,
  ) {
    this.#socket = socket
    this.#unsentBytesMax = unsentBytesMax
    this.#soon = soon
    this.#progress = progress
  }

  /** Whether it holds more than it may: the link is to be closed. */
  get isOverfull(): boolean {
    const waiting = this.#gathered.length + this.#held.length
    return waiting + this.#socket.writableLength > this.#unsentBytesMax
  }

  /** Where the next packet is to be encoded. */
  get writer(): JuteWriter {
    return this.#mode === 'plain' ? this.#gathered : this.#held
  }

  /** Writes what was gathered. */
  flush(): void {
    const writer = this.#gathered
    if (this.#closed || writer.length === 0) return
    this.#socket.write(writer.bytes.subarray(0, writer.length))
    // A socket that took everything at once has no use for the buffer any more.
    const isFree = this.#socket.writableLength === 0 && writer.bytes.length <= KEPT_BYTES_MAX
    if (isFree) writer.reset()
    else this.#gathered = new JuteWriter()
  }

  hold(): void {
    assert(this.#mode === 'plain', 'a snapshot at a time')
    this.#mode = 'snapshot-due'
  }

  /** `done` is called once: true when the body has gone to the socket, false when the link closed
   * before that. */
  sendSnapshot(frozen: FrozenTree, done: (ok: boolean) => void): void {
    if (this.#mode === 'plain') this.hold()
    assert(this.#mode === 'snapshot-due', 'a snapshot at a time')
    this.#mode = 'snapshot'
    this.#snapshotDone = done
    writePacket(this.#gathered, PacketType.snap, frozen.zxid, null)
    this.flush()
    this.#chunks = snapshotBody(frozen)
    this.#pump()
  }

  close(): void {
    this.#closed = true
    this.#endSnapshot(false)
  }

  #pump(): void {
    if (this.#closed) return
    const next = this.#chunks!.next()
    if (next.done === true) {
      this.#resumePackets()
      return
    }
    // The chunk is valid until the next one is asked for: not before all of it is gone. A turn of
    // the loop between two of them lets others have theirs.
    this.#socket.write(next.value, (error) => {
      if (error) return
      this.#progress()
      this.#soon(() => this.#pump())
    })
  }

  #resumePackets(): void {
    const signature = snapshotSignature()
    const held = this.#held
    this.#mode = 'plain'
    this.#held = new JuteWriter()
    this.#gathered.raw(signature, 0, signature.length)
    this.#gathered.raw(held.bytes, 0, held.length)
    this.flush()
    this.#endSnapshot(true)
  }

  #endSnapshot(ok: boolean): void {
    const done = this.#snapshotDone
    this.#snapshotDone = null
    this.#chunks = null
    done?.(ok)
  }
}
