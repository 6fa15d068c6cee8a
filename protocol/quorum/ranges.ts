// Every number that another server may send and that is kept, counted on or sent on, with the range
// in which it is accepted. Without quorum SASL nobody proves on these ports who he is. So each
// range leaves room for the arithmetic done with the number; what lies beyond it is refused, or
// ignored, where it is read.
//
// Where it stands            | what is said                     | beyond the range
// ---------------------------+----------------------------------+------------------------------------
// introduction on port 3888, | SERVER_ID                        | refused; in votes and LearnerInfo
//   votes, LearnerInfo       |                                  |   it is nobody's
// votes                      | round, zxid, epoch: any long     | they are compared, and a round is
//                            |                                  |   forgotten that nobody has counted
// FOLLOWERINFO, OBSERVERINFO | EPOCH: accepted; and see         | the link is closed
//                            |   actors/zab/leader/epoch-credit.ts     |
// LEADERINFO                 | EPOCH: new                       | the leader is given up
//                            | HEARTBEAT_MS                     | the leader is given up
// ACKEPOCH                   | CURRENT_EPOCH                    | the link is closed
// PING of a leader of ours   | ANSWERS, STANDING_MS             | the leader is given up
// every packet               | zxid: `isZxid` (protocol/zxid)   | the link is closed
// session touched, revalid-  | SESSION_TIMEOUT_MS, then as      | the nearest in it
//   ated or created          |   negotiated with clients        |
// session created            | its id: any but 0 and those that | nothing is created
//                            |   mark nodes without a session   |
// lengths                    | ADDRESS_BYTES, VOTE_BYTES,       | the link is closed
//                            |   IDENTITIES, SNAPSHOT_ITEMS;    |
//                            |   of data: jute.maxbuffer        |
//
// Not kept, and therefore unlimited: the version of the protocol, that of the configuration, and
// the interval that a learner asks for.

import { MalformedError } from '../bytes/jute-reader.ts'
import { EPOCH_MAX } from '../zxid.ts'

export interface Range {
  readonly what: string
  readonly min: number
  readonly max: number
}

/** ZooKeeper's may have one more digit; nobody counts that far. */
export const SERVER_ID: Range = { what: 'server id', min: 0, max: Number.MAX_SAFE_INTEGER }
/** One more can still be counted. */
export const EPOCH: Range = { what: 'epoch', min: 0, max: EPOCH_MAX - 1 }
/** -1: it has promised the epoch before. */
export const CURRENT_EPOCH: Range = { what: 'current epoch', min: -1, max: EPOCH.max }
/** What may be configured. */
export const HEARTBEAT_MS: Range = { what: 'interval of heartbeats', min: 1, max: 60_000 }
export const ANSWERS: Range = { what: 'number of answers', min: 0, max: Number.MAX_SAFE_INTEGER }
/** -1: no quorum has answered yet. */
export const STANDING_MS: Range = { what: 'age of a quorum', min: -1, max: 0x7fff_ffff }
export const SESSION_TIMEOUT_MS: Range = { what: 'session timeout', min: 0, max: 0x7fff_ffff }
export const ADDRESS_BYTES: Range = { what: 'length of election addresses', min: 1, max: 2048 }
/** A vote carries the configuration. */
export const VOTE_BYTES: Range = { what: 'length of a vote', min: 1, max: 524_288 }
export const IDENTITIES: Range = { what: 'number of identities', min: -1, max: 1024 }
/** Sessions, access lists, entries of a list. */
export const SNAPSHOT_ITEMS: Range = { what: 'number of items', min: -1, max: 1 << 24 }

export function isWithin({ min, max }: Range, value: number): boolean {
  return value >= min && value <= max
}

/** The value. Throws MalformedError if it is out of range. */
export function within(range: Range, value: number): number {
  if (isWithin(range, value)) return value
  throw new MalformedError(`${range.what} ${value}, not from ${range.min} to ${range.max}`)
}
