// A client that means no good, or is none: it trickles a handshake, sends garbage or lengths that
// nobody can mean, asks before it has a session, floods and reads nothing. Whatever it does, others
// are served and keep their sessions, and it is let go of in time (network.ts watches that).

import { OpCode } from '../../../protocol/op-code.ts'
import { SESSION_NONE } from '../../../protocol/session-id.ts'
import { ZXID_ZERO } from '../../../protocol/zxid.ts'
import type { SimulatedNetwork } from '../network/network.ts'
import { type Manners, Wire, type WireEnd } from '../network/wire.ts'
import type { Dice } from '../world/dice.ts'
import { connectFrame, requestFrame } from './client-stream.ts'
import { HOSTILE_ADDRESS } from './identities.ts'

const ATTACKS = ['trickle', 'garbage', 'length', 'early', 'flood', 'deaf', 'silence'] as const

/** It goes on for so long unless it is closed; deaf, it does nothing more then, and stays. */
const ACTS_MAX = 60
const GARBAGE_BYTES_MAX = 200
const FLOOD = 40
export const HOSTILE_TIMEOUT_MS = 1000
const ROUGH: Manners = { arrival: 'pieces', taking: 'at-times' }
const DEAF: Manners = { arrival: 'whole', taking: 'never' }
const LENGTHS = [-1, -(2 ** 31), 2 ** 31 - 1, 1025, 0]

export class HostileClient implements WireEnd {
  readonly #dice: Dice
  #attack: (typeof ATTACKS)[number] = 'silence'
  #wire: Wire | null = null
  #victim: SimulatedNetwork | null = null
  #acts = 0
  #port = 0

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** Its next move; whom it is against. */
  act(networks: readonly SimulatedNetwork[]): SimulatedNetwork | null {
    if (this.#wire === null) {
      if (networks.length > 0) this.#begin(this.#dice.pick(networks))
    } else if (this.#acts++ < ACTS_MAX) {
      this.#wire.look()
      this.#goOn(this.#wire)
    } else if (this.#attack !== 'deaf') {
      this.#wire.hangUp()
      this.#wire = null
    }
    return this.#victim
  }

  /** Of a flood much may still be on its way, and each piece keeps its session. */
  fallSilent(): void {
    this.#wire?.fallSilent()
  }

  onBytes(): void {}

  onClosed(): void {
    this.#wire = null
  }

  #begin(victim: SimulatedNetwork): void {
    const dice = this.#dice
    this.#attack = dice.pick(ATTACKS)
    this.#acts = 0
    this.#victim = victim
    const manners = this.#attack === 'deaf' ? DEAF : ROUGH
    const wire = new Wire(this, HOSTILE_ADDRESS, ++this.#port, manners, dice.fork())
    this.#wire = wire
    victim.open(wire)
    if (this.#attack === 'early') wire.send(readOf(1))
    if (this.#attack === 'flood' || this.#attack === 'deaf') wire.send(HANDSHAKE.slice())
  }

  #goOn(wire: Wire): void {
    const dice = this.#dice
    switch (this.#attack) {
      case 'trickle':
        // Never the last byte.
        if (this.#acts < HANDSHAKE.length) wire.send(HANDSHAKE.slice(this.#acts - 1, this.#acts))
        break
      case 'garbage':
        wire.send(
          Uint8Array.from({ length: 1 + dice.below(GARBAGE_BYTES_MAX) }, () => dice.below(256)),
        )
        break
      case 'length':
        wire.send(lengthOf(dice.pick(LENGTHS)))
        break
      case 'flood':
      case 'deaf':
        for (let i = dice.below(FLOOD); i > 0; i--) wire.send(readOf(i))
        break
    }
  }
}

function readOf(xid: number): Uint8Array {
  return requestFrame(xid, { type: OpCode.getChildren2, path: '/', watch: false })
}

function lengthOf(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setInt32(0, value)
  return bytes
}

const HANDSHAKE: Uint8Array = connectFrame({
  lastZxidSeen: ZXID_ZERO,
  timeoutMs: HOSTILE_TIMEOUT_MS,
  sessionId: SESSION_NONE,
  password: new Uint8Array(16),
  readOnly: false,
})
