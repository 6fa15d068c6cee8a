// Reads a connection of port 2888: packets and, behind a SNAP from the leader, the snapshot.

import type { Packet } from '../../protocol/quorum/packet.ts'
import { PacketReader, PacketType } from '../../protocol/quorum/packet.ts'
import { SnapshotStream, signatureEnd } from '../../protocol/quorum/snapshot-stream.ts'
import { InputBuffer } from '../socket/input-buffer.ts'

const PIECE_BYTES_MAX = 1 << 18

export interface LinkInputListener {
  /** The bytes of a packet or a piece are valid during the call. */
  packet(packet: Packet): void
  snapshotPiece(bytes: Uint8Array, start: number, end: number): void
  snapshotEnd(): void
  /** Whether nothing more may be handed on now. */
  readonly isStopped: boolean
}

export class LinkInput {
  readonly #input = new InputBuffer()
  readonly #packets: PacketReader
  readonly #fieldBytesMax: number
  readonly #takesSnapshots: boolean
  readonly #listener: LinkInputListener
  /** The snapshot that is arriving. */
  #snapshot: SnapshotStream | null = null

  constructor(fieldBytesMax: number, takesSnapshots: boolean, listener: LinkInputListener) {
    this.#packets = new PacketReader(fieldBytesMax)
    this.#fieldBytesMax = fieldBytesMax
    this.#takesSnapshots = takesSnapshots
    this.#listener = listener
  }

  append(chunk: Uint8Array): void {
    this.#input.append(chunk)
  }

  /** Call it after reading: the bytes that were appended are the caller's again. */
  keep(): void {
    this.#input.keep()
  }

  /** Hands on whatever is whole; false if nothing was. Throws MalformedError on what no peer
   * sends. */
  read(): boolean {
    let gaveOn = false
    while (!this.#listener.isStopped && this.#input.length > 0) {
      const wentOn =
        this.#snapshot === null ? this.#readPacket() : this.#readSnapshot(this.#snapshot)
      if (!wentOn) break
      gaveOn = true
    }
    return gaveOn
  }

  #readPacket(): boolean {
    if (this.#input.length < this.#packets.needed) return false
    const { bytes, start, end } = this.#input
    const packet = this.#packets.read(bytes, start, end)
    if (packet === null) return false
    if (packet.type === PacketType.snap && this.#takesSnapshots) {
      this.#snapshot = new SnapshotStream(this.#fieldBytesMax)
    }
    this.#input.consume(this.#packets.end)
    this.#listener.packet(packet)
    return true
  }

  #readSnapshot(snapshot: SnapshotStream): boolean {
    const { bytes, start, end } = this.#input
    if (!snapshot.done) {
      const scanned = snapshot.scan(bytes, start, Math.min(end, start + PIECE_BYTES_MAX))
      this.#input.consume(scanned)
      this.#listener.snapshotPiece(bytes, start, scanned)
      return true
    }
    const behind = signatureEnd(bytes, start, end)
    if (behind === null) return false
    this.#input.consume(behind)
    this.#snapshot = null
    this.#listener.snapshotEnd()
    return true
  }
}
