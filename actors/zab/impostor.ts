// What a leader does not believe of whoever introduces itself as a learner. Nobody proves on port
// 2888 who he is, so a liar can cost an election, as with ZooKeeper; it must not cost every one that
// would follow, nor a learner that is well.

import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { ZabContext } from './context.ts'
import type { Learner } from './learner.ts'

/** A promise is ahead of a leader's by the elections that have failed meanwhile. There are not many
 * epochs: one lie must not use them up. */
const EPOCHS_AHEAD_MAX = 65_536

/** Why server `serverId` with this accepted epoch is sent away; null when it may be what it says.
 * `doubles` are linked with the same id. */
export function doubtOf(
  { clock, epochs, times, serverId: own }: ZabContext,
  doubles: Iterable<Learner>,
  serverId: ServerId,
  epoch: number,
): string | null {
  if (serverId === own) return 'a learner with our own id'
  if (epoch > epochs.accepted + EPOCHS_AHEAD_MAX) {
    return `server ${serverId} says that it has accepted epoch ${epoch}`
  }
  for (const { current, heardMs, heartbeats } of doubles) {
    const beatMs = heartbeats ? times.silenceMs : times.tickTimeMs
    // If it has lost its link, it comes again when we have seen that, too.
    if (current && clock.nowMs - heardMs <= beatMs) return `server ${serverId} is linked, and alive`
  }
  return null
}
