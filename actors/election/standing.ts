// What a server is in an election. Who may be voted for and who casts votes are two questions: a server
// that a reconfiguration is to make a voter may not have heard of it, and is needed for its quorum.
//
// With reconfiguration everybody who has a history casts votes. Whoever has logged the configuration that
// makes it a voter counts them, the others do not. It cannot know which of the two another server is. So
// it says its vote when that changes, and repeats it as time passes, but never answers a vote with it:
// whoever does not count it answers whatever it says, and two that answer each other would not stop.

import { SERVER_NONE } from '../../protocol/quorum/server-id.ts'
import { ZXID_NONE, type Zxid } from '../../protocol/zxid.ts'
import type { Membership } from '../membership.ts'
import type { ElectionOptions } from './options.ts'
import { NO_VOTE, type Vote } from './vote.ts'

export interface Standing {
  /** Whether it may be voted for. An observer may not, nor may a voter that has lost its history. */
  readonly stands: boolean
  readonly casts: boolean
  /** Whether everybody counts its votes: others may know no later configuration than that in force. */
  readonly isCounted: boolean
  /** Whether it follows when others have decided, or observes. It follows if it would count as soon as
   * a reconfiguration made it a voter: that changes nothing here, and what it says of its leader counts. */
  readonly follows: boolean
  /** What it would vote for if it were alone. One that does not stand votes for nobody until it hears
   * of a candidate whose history is no worse than its own. */
  readonly own: Vote
}

export const NO_STANDING: Standing = {
  ...{ stands: false, casts: false, isCounted: false, follows: false },
  own: NO_VOTE,
}

export function standingOf(
  { serverId, reconfigEnabled = false }: Pick<ElectionOptions, 'serverId' | 'reconfigEnabled'>,
  membership: Membership,
  [lastZxid, currentEpoch]: readonly [Zxid, number],
): Standing {
  if (lastZxid === ZXID_NONE) return NO_STANDING
  const stands = membership.isVoter(serverId)
  const casts = stands || reconfigEnabled
  const leader = stands ? serverId : SERVER_NONE
  const own = { leader, zxid: BigInt(lastZxid), peerEpoch: BigInt(currentEpoch) }
  return {
    ...{ stands, casts },
    isCounted: membership.isVoterInForce(serverId),
    follows: stands || (reconfigEnabled && !membership.isObserver(serverId)),
    own: casts ? own : NO_VOTE,
  }
}
