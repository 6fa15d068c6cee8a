// A client that proves itself with SASL, or tries to without a proof: with what it has once sent on another
// connection, with half of it, with garbage, with too much. Who has a proof is let in, and nobody else.

import { FrameSplitter } from '../../../client/frame-splitter.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { readReplyHeader } from '../../../protocol/records/header.ts'
import { DigestMd5Client } from '../../../protocol/sasl/digest-md5-client.ts'
import { CLIENT_SERVICE } from '../../../protocol/sasl/digest-md5-server.ts'
import { SASL_TOKEN_BYTES_MAX } from '../../../protocol/sasl/directives.ts'
import { SESSION_NONE } from '../../../protocol/session-id.ts'
import { ZXID_ZERO } from '../../../protocol/zxid.ts'
import { md5 } from '../../../runtime/process/md5.ts'
import type { SimulatedNetwork } from '../network/network.ts'
import { drawManners, Wire, type WireEnd } from '../network/wire.ts'
import type { Dice } from '../world/dice.ts'
import { check } from '../world/event-log.ts'
import { connectFrame, saslFrame } from './client-stream.ts'
import { HOSTILE_TIMEOUT_MS } from './hostile-client.ts'
import { GUESSER_ADDRESS, SASL_USER } from './identities.ts'

/** A guess that has come waits so long at most until it is looked at (guesses.ts), and others of the address
 * for their turn; its session has been heard of when it is. */
export const GUESS_MS_MAX = 3000
const TRIES = ['honest', 'replay', 'cut', 'garbage', 'long', 'early'] as const
const ACTS_MAX = 40
const GARBAGE_BYTES_MAX = 300
const FRAME_BYTES_MAX = 1 << 20

/** One connection, and how it tries to be let in. */
class Try implements WireEnd {
  isOver = false
  readonly wire: Wire
  readonly network: SimulatedNetwork
  readonly #how: (typeof TRIES)[number]
  readonly #dice: Dice
  readonly #splitter = new FrameSplitter(FRAME_BYTES_MAX)
  readonly #client = new DigestMd5Client(CLIENT_SERVICE, SASL_USER, 'cnonce', md5)
  /** What was right on a connection before. */
  readonly #old: Uint8Array | null
  /** What is right on this one, once its challenge has come. */
  right: Uint8Array | null = null
  #frames = 0
  #isSilent = false

  constructor(network: SimulatedNetwork, port: number, old: Uint8Array | null, dice: Dice) {
    this.network = network
    this.#dice = dice
    this.#old = old
    this.#how = dice.pick(TRIES)
    this.wire = new Wire(this, GUESSER_ADDRESS, port, drawManners(dice), dice.fork())
    this.wire.send(HANDSHAKE.slice())
    const isEarly = this.#how === 'early'
    this.wire.send(saslFrame(1, isEarly ? (old ?? this.#garbage()) : new Uint8Array(0)))
    network.open(this.wire)
  }

  onBytes(bytes: Uint8Array): void {
    this.#splitter.push(Uint8Array.from(bytes), (frame, start, end) => {
      if (this.#frames++ > 0) this.#onReply(new JuteReader(frame, start, end))
    })
  }

  onClosed(): void {
    this.isOver = true
  }

  fallSilent(): void {
    this.#isSilent = true
    this.wire.fallSilent()
  }

  #onReply(reader: JuteReader): void {
    const { xid, err } = readReplyHeader(reader)
    const token = err === 0 ? (reader.buffer() ?? new Uint8Array(0)) : new Uint8Array(0)
    const isIn = Buffer.from(token).toString('latin1').startsWith('rspauth=')
    if (xid === 1 && err === 0 && this.#how !== 'early') {
      this.right = this.#client.evaluate(Uint8Array.from(token)) ?? new Uint8Array(0)
      if (!this.#isSilent) this.wire.send(saslFrame(2, this.#said(this.right)))
      return
    }
    check(isIn === (this.#how === 'honest'), () => {
      return `SASL, ${this.#how}: ${isIn ? 'is let in' : 'is not let in'}, error ${err}`
    })
  }

  #said(right: Uint8Array): Uint8Array {
    switch (this.#how) {
      case 'honest':
        return right
      case 'replay':
        return this.#old ?? this.#garbage()
      case 'cut':
        return right.subarray(0, this.#dice.below(Buffer.from(right).indexOf('response=') + 40))
      case 'long':
        return new Uint8Array(SASL_TOKEN_BYTES_MAX + 1)
      default:
        return this.#garbage()
    }
  }

  #garbage(): Uint8Array {
    const length = 1 + this.#dice.below(GARBAGE_BYTES_MAX)
    return Uint8Array.from({ length }, () => this.#dice.below(256))
  }
}

export class Guesser {
  readonly #dice: Dice
  #try: Try | null = null
  #old: Uint8Array | null = null
  #port = 0
  #acts = 0

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** Its next move; whom it is against. */
  act(networks: readonly SimulatedNetwork[]): SimulatedNetwork | null {
    const current = this.#try
    if (current !== null && !current.isOver && this.#acts++ < ACTS_MAX) {
      current.wire.look()
      return current.network
    }
    if (current !== null) {
      this.#old = current.right ?? this.#old
      current.wire.hangUp()
      this.#try = null
    }
    if (networks.length === 0) return null
    this.#acts = 0
    const network = this.#dice.pick(networks)
    this.#try = new Try(network, ++this.#port, this.#old, this.#dice.fork())
    return network
  }

  fallSilent(): void {
    this.#try?.fallSilent()
  }
}

const HANDSHAKE: Uint8Array = connectFrame({
  lastZxidSeen: ZXID_ZERO,
  timeoutMs: HOSTILE_TIMEOUT_MS,
  sessionId: SESSION_NONE,
  password: new Uint8Array(16),
  readOnly: false,
})
