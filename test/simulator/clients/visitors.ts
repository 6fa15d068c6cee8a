// Who comes besides the clients: those that mean no good, and with them an operator who looks how the
// servers bear it; and those that prove themselves with SASL, or try to.

import type { SimulatedNetwork } from '../network/network.ts'
import { Dice } from '../world/dice.ts'
import { Guesser } from './guesser.ts'
import { HostileClient } from './hostile-client.ts'
import { Operator } from './operator.ts'

export interface Visitor {
  /** Its next move, at one of these; whom it is against. */
  act(networks: readonly SimulatedNetwork[]): SimulatedNetwork | null
  /** It acts no more, and what it has sent does not arrive any more. */
  fallSilent(): void
}

/** By chance of their own. */
export function visitorsOf(options: {
  readonly seed: number
  readonly hostileClients: number
  readonly guessers: number
}): readonly Visitor[] {
  const { seed, hostileClients, guessers } = options
  const guessing = new Dice(seed * 69069 + 29)
  const guests = Array.from({ length: guessers }, () => new Guesser(guessing.fork()))
  if (hostileClients === 0) return guests
  const dice = new Dice(seed * 69069 + 19)
  const hostile = Array.from({ length: hostileClients }, () => new HostileClient(dice.fork()))
  return [...hostile, new Operator(dice.fork()), ...guests]
}
