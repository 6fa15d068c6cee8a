// A client's connection: bytes in both directions, which arrive whole or in pieces, wait while one
// end does not read, and are lost when it is reset. A round of the server's event loop moves them.

import type { Dice } from '../world/dice.ts'
import { type Line, LoopSocket } from './loop-socket.ts'

/** The client's end. */
export interface WireEnd {
  /** Valid during the call. */
  onBytes(bytes: Uint8Array): void
  /** The server has closed it, or is gone. */
  onClosed(): void
}

/** How a connection behaves, for as long as it lives. */
export interface Manners {
  /** What was sent arrives at once, cut anywhere, or a few bytes at a time, of much a small part. */
  readonly arrival: 'whole' | 'pieces' | 'trickle'
  /** What is sent is taken at once, a part first, or not at all while its client does not read, or
   * for good. */
  readonly taking: 'at-once' | 'partly' | 'at-times' | 'never'
}

const TRICKLE_BYTES_MAX = 3
/** Of what waits, that of a megabyte is soon there. */
const TRICKLE_PART_MAX = 1 / 64
/** What a client that does not read has room for. */
const ROOM_BYTES_MAX = 600
/** Odds, each time that a client looks, that it stops reading, and that it goes on. */
const STOPS_EVERY = 12
const GOES_ON_EVERY = 6

export function drawManners(dice: Dice): Manners {
  return {
    arrival: dice.weighted({ whole: 6, pieces: 3, trickle: 1 }),
    taking: dice.weighted({ 'at-once': 6, partly: 3, 'at-times': 2 }),
  }
}

export class Wire implements Line {
  readonly socket: LoopSocket
  /** When the server last read from it, and when it accepted it; by its own clock. */
  heardMs = 0
  acceptedMs: number = Number.POSITIVE_INFINITY
  /** Since when all has been written to its socket, as far as is known. */
  endingMs: number = Number.POSITIVE_INFINITY
  readonly #manners: Manners
  readonly #dice: Dice
  /** Null when the client has hung up, or knows that the server has. */
  #end: WireEnd | null
  /** Sent by the client, not yet read. */
  readonly #sent: Uint8Array[] = []
  #leaving: 'no' | 'orderly' | 'reset' = 'no'
  /** The server has written to a client that has reset the connection. */
  #isRefused = false
  /** Bytes that may come while the client does not read. */
  #room = Number.POSITIVE_INFINITY

  constructor(end: WireEnd, address: string, port: number, manners: Manners, dice: Dice) {
    this.#end = end
    this.#manners = manners
    this.#dice = dice
    if (manners.taking === 'never') this.#room = dice.below(ROOM_BYTES_MAX)
    this.socket = new LoopSocket(this, address, port)
  }

  /** Nothing is left of it at either end. */
  get isGone(): boolean {
    return this.socket.hasClosed
  }

  /** Its client takes all that it is sent. */
  get isTaking(): boolean {
    return this.#room === Number.POSITIVE_INFINITY
  }

  /** From the client. The bytes are the wire's from now on. */
  send(bytes: Uint8Array): void {
    if (this.#leaving === 'no') this.#sent.push(bytes)
  }

  /** Nothing more arrives of what the client has sent, and neither end hears of it. */
  fallSilent(): void {
    this.#sent.length = 0
  }

  /** Of the client: with an end behind what it sent, or with a reset, which may overtake it. */
  hangUp(): void {
    this.#end = null
    if (this.#leaving === 'no') this.#leaving = this.#dice.oneIn(2) ? 'orderly' : 'reset'
  }

  /** Each time that its client looks it may stop reading, or go on. True when it goes on. */
  look(): boolean {
    if (this.#manners.taking !== 'at-times') return false
    const { isTaking } = this
    if (isTaking && this.#dice.oneIn(STOPS_EVERY)) this.#room = this.#dice.below(ROOM_BYTES_MAX)
    return !isTaking && this.#dice.oneIn(GOES_ON_EVERY) && this.readOn()
  }

  /** Its client reads whatever comes. True when it did not before. */
  readOn(): boolean {
    if (this.isTaking) return false
    this.#room = Number.POSITIVE_INFINITY
    return true
  }

  /** The process is gone. */
  die(): void {
    this.socket.removeAllListeners()
    this.#close()
  }

  /** A round of the server's event loop; true when there is more for the next. */
  round(nowMs: number): boolean {
    const { socket } = this
    if (this.#isRefused) socket.fail()
    else if (!socket.destroyed && !socket.isPaused) this.#arrive(nowMs)
    if (socket.isBusy) socket.round()
    if (socket.destroyed) return !socket.hasClosed
    return this.#hasNews || (socket.isBusy && this.#room > 0)
  }

  // The socket's line.

  take(bytes: Uint8Array): number {
    if (this.#leaving === 'reset') {
      this.#isRefused = true
      return 0
    }
    const most = Math.min(bytes.length, this.#room)
    const isPartly = this.#manners.taking !== 'at-once' && most > 0 && this.#dice.oneIn(2)
    const count = isPartly ? this.#dice.below(most + 1) : most
    this.#room -= count
    if (count > 0) this.#end?.onBytes(bytes.subarray(0, count))
    return count
  }

  finished(): void {
    this.#close()
  }

  destroyed(): void {
    this.#close()
  }

  get #hasNews(): boolean {
    if (this.#isRefused) return true
    if (this.socket.isPaused) return false
    return this.#sent.length > 0 || this.#leaving !== 'no'
  }

  #arrive(nowMs: number): void {
    if (this.#leaving === 'reset' && (this.#sent.length === 0 || this.#dice.oneIn(2))) {
      this.#sent.length = 0
      this.socket.fail()
    } else if (this.#sent.length > 0) {
      this.heardMs = nowMs
      this.socket.tell(this.#nextChunk())
    } else if (this.#leaving === 'orderly') {
      this.#leaving = 'no'
      this.socket.emit('end')
    }
  }

  #nextChunk(): Uint8Array {
    const sent = this.#sent
    const all = sent.length === 1 ? sent[0]! : Buffer.concat(sent)
    sent.length = 0
    const { arrival } = this.#manners
    if (arrival === 'whole') return all
    const trickle = Math.max(TRICKLE_BYTES_MAX, Math.floor(all.length * TRICKLE_PART_MAX))
    const most = arrival === 'pieces' ? all.length : Math.min(trickle, all.length)
    const count = 1 + this.#dice.below(most)
    if (count < all.length) sent.push(all.subarray(count))
    return all.slice(0, count)
  }

  /** Nothing comes any more. */
  #close(): void {
    const end = this.#end
    this.#end = null
    end?.onClosed()
  }
}
