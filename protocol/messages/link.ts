// How a server and its learners are told apart in messages.

import type { NumberKind } from '../number-kind.ts'

/** A connection between a leader and a learner, as the host of the leader's or the learner's zab
 * numbers it. A number is never given out twice. */
export type Link = NumberKind<'link'>
/** Stands for this server itself, where a learner's link may stand as well. */
export const LINK_SELF: Link = 0
