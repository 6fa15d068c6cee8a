// What a connection of port 2888 has yet to send.
//
// The packets of a turn are gathered and written at once. What the socket does not take stays here,
// and goes out a piece at a time. So it is known how much waits, and that some was taken, however
// slow the link.

import type { Socket } from 'node:net'
import type { LinkReport } from '../../actors/zab/neighbours.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { type PacketType, writePacket } from '../../protocol/quorum/packet.ts'
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'

/** A larger buffer is not kept for the next turn. */
const KEPT_BYTES_MAX = 1 << 20
/** How much a socket is given at once. */
const PIECE_BYTES = 1 << 16

export class LinkOutput {
  /** Where the next packet is encoded. */
  writer: JuteWriter = new JuteWriter()
  /** Its feeder waits for room. */
  isAwaited = false
  /** It holds more than it should, and its feeder has been told. */
  isOverfull = false
  /** Packets that were gathered here, and the zxid of the last that has one. */
  #sent = 0
  #lastZxid: Zxid = ZXID_ZERO
  /** What `#sent` was when nothing waited. */
  #sentIdle = 0
  readonly #socket: Socket
  readonly #onWritten: (error?: Error | null) => void
  /** How much of what is in the writer was given to the socket. */
  #given = 0
  /** How much of it may leave. What was gathered since waits for the end of its turn, so that
   * neighbours are told of that turn before any peer is. Invariant: no less than `#given`. */
  #due = 0
  #closed = false

  /** `onTaken`: the socket has taken what it was given last. */
  constructor(socket: Socket, onTaken: () => void) {
    this.#socket = socket
    this.#onWritten = (error) => {
      if (error || this.#closed) return
      this.#write()
      onTaken()
    }
  }

  /** Bytes that wait, here or in the socket. */
  get unsent(): number {
    return this.writer.length - this.#given + this.#socket.writableLength
  }

  packet(type: PacketType, zxid: Zxid, data: Uint8Array | null, authinfo: Uint8Array | null): void {
    writePacket(this.writer, type, zxid, data, authinfo)
    this.#counts(zxid)
  }

  /** A packet that was encoded elsewhere. */
  encoded({ bytes, length }: JuteWriter, zxid: Zxid): void {
    this.writer.raw(bytes, 0, length)
    this.#counts(zxid)
  }

  report(): LinkReport {
    const { remoteAddress: host = '', remotePort } = this.#socket
    const { unsent } = this
    return {
      address: host.includes(':') ? `[${host}]:${remotePort}` : `${host}:${remotePort}`,
      sent: this.#sent,
      lastZxid: this.#lastZxid,
      waiting: unsent === 0 ? 0 : this.#sent - this.#sentIdle,
      waitingBytes: unsent,
    }
  }

  /** Counts of packets begin again. */
  recount(): void {
    this.#sentIdle -= this.#sent
    this.#sent = 0
  }

  #counts(zxid: Zxid): void {
    this.#sent++
    if (zxid > ZXID_ZERO) this.#lastZxid = zxid
  }

  /** Writes what was gathered, as far as the socket takes it. The rest follows when it has taken
   * that. */
  flush(): void {
    this.#due = this.writer.length
    this.#write()
  }

  #write(): void {
    if (this.#closed) return
    const socket = this.#socket
    while (this.#given < this.#due && socket.writableLength === 0) {
      const end = Math.min(this.#due, this.#given + PIECE_BYTES)
      socket.write(this.writer.bytes.subarray(this.#given, end), this.#onWritten)
      this.#given = end
    }
    if (this.#given > 0) this.#makeRoom(socket.writableLength === 0)
  }

  close(): void {
    this.#closed = true
  }

  /** `isTaken`: the socket no longer uses the buffer. */
  #makeRoom(isTaken: boolean): void {
    const { bytes, length } = this.writer
    if (this.#given === length && isTaken && bytes.length <= KEPT_BYTES_MAX) {
      this.writer.reset()
      this.#sentIdle = this.#sent
    } else if (this.#given > length / 2) {
      const left = new JuteWriter()
      left.raw(bytes, this.#given, length)
      this.writer = left
    } else {
      return
    }
    this.#due -= this.#given
    this.#given = 0
  }
}
