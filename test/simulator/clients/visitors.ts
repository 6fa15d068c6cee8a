// Who comes besides the clients: those that mean no good, and with them an operator who looks how the
// servers bear it.

import type { SimulatedNetwork } from '../network/network.ts'
import { Dice } from '../world/dice.ts'
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
}): readonly Visitor[] {
  const { seed, hostileClients } = options
  if (hostileClients === 0) return []
  const dice = new Dice(seed * 69069 + 19)
  const hostile = Array.from({ length: hostileClients }, () => new HostileClient(dice.fork()))
  return [...hostile, new Operator(dice.fork())]
}
