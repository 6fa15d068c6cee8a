// An operator, or a health check: asks four-letter words, which may be cut anywhere as everything else,
// and must get the whole answer and the end of the connection.

import type { SimulatedNetwork } from '../network/network.ts'
import { drawManners, Wire, type WireEnd } from '../network/wire.ts'
import type { Dice } from '../world/dice.ts'
import { check } from '../world/event-log.ts'
import { OPERATOR_ADDRESS } from './identities.ts'
import { ANSWERS } from './words.ts'

const WORDS = Object.keys(ANSWERS)

/** A visit to a server, and what came of it. */
class Visit implements WireEnd {
  isOver = false
  readonly wire: Wire
  readonly network: SimulatedNetwork
  readonly #word: string
  readonly #deadlineMs: number
  #answer = ''

  constructor(network: SimulatedNetwork, word: string, port: number, dice: Dice) {
    this.network = network
    this.#word = word
    this.#deadlineMs = network.nowMs + network.handshakeMs
    this.wire = new Wire(this, OPERATOR_ADDRESS, port, drawManners(dice), dice)
    this.wire.send(Buffer.from(word))
    network.open(this.wire)
  }

  onBytes(bytes: Uint8Array): void {
    this.#answer += Buffer.from(bytes).toString()
  }

  onClosed(): void {
    this.isOver = true
    // A word may trickle for too long, and a server die before it has answered.
    const isExcused = this.network.isDead || this.network.nowMs >= this.#deadlineMs
    check(ANSWERS[this.#word]!.test(this.#answer) || isExcused, () => {
      return `${this.#word} is answered with ${JSON.stringify(this.#answer)}`
    })
  }
}

export class Operator {
  readonly #dice: Dice
  #visit: Visit | null = null
  #visits = 0

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** Its next move; whom it asks. */
  act(networks: readonly SimulatedNetwork[]): SimulatedNetwork | null {
    const visit = this.#visit
    if (visit !== null && !visit.isOver) {
      visit.wire.look()
      return visit.network
    }
    if (networks.length === 0) return null
    const network = this.#dice.pick(networks)
    const word = this.#dice.pick(WORDS)
    this.#visit = new Visit(network, word, ++this.#visits, this.#dice.fork())
    return network
  }

  /** Its words keep no session. */
  fallSilent(): void {}
}
