// What one request can cost, where the request's own length does not say it. Each is far above what
// an honest client needs, and whoever meets one is told: by an error, or by the end of the connection
// and a line in the log.

const MIB = 1 << 20

/** A ConnectRequest, which has 45 bytes. What comes before it may be a stranger's. */
export const HANDSHAKE_BYTES_MAX = 1024

/** What a connection has proven with all its auth packets, as characters and so much for each: less
 * than a leader reads of them. One more packet fails. */
export const IDENTITIES_BYTES_MAX = 65_536
export const IDENTITY_BYTES = 80

/** Requests of one connection on their way, whatever their number: above it, it is not read from. */
export const REQUEST_BYTES_HIGH: number = 8 * MIB

/** A reply, unless a single znode's value may be longer. ZooKeeper has no such limit, and ends when
 * it has no memory for one. */
export const REPLY_BYTES_MAX: number = 64 * MIB
/** Replies of one connection that its client has not taken: above it, the next read waits. */
export const UNREAD_BYTES_HIGH: number = MIB
/** The same of all connections: above it, reads whose replies are long wait. */
export const UNREAD_TOTAL_HIGH: number = 128 * MIB
/** What piles up nevertheless, of events and of reads behind writes: the connection is closed. */
export const UNREAD_BYTES_MAX: number = REPLY_BYTES_MAX + 32 * MIB
/** Of all connections: the one that holds most is closed. */
export const UNREAD_TOTAL_MAX: number = 512 * MIB

/** Ephemerals that the close of a session deletes in one transaction. */
export const CLOSE_DELETES_MAX = 1000

/** A read that visits more nodes, or whose reply grows beyond so many bytes, is answered in steps of
 * as much, between which others are served. */
export const STEP_NODES = 2000
export const STEP_BYTES: number = MIB / 2

/** ZooKeeper never keeps fewer snapshots: a damaged one must leave another to start from. */
export const SNAPSHOTS_KEPT_MIN = 3

/** Clients of one learner whose sessions its leader is asked about at the same time; one more looks for
 * another server. */
export const REVALIDATIONS_MAX = 10_000

/** Anything that is written or sent between threads: what a length of jute's can say. */
export const MESSAGE_BYTES_MAX: number = 2 ** 31 - 1
/** What one step of an actor, or one frame of a client, may send along one edge, in all its messages:
 * no more than in one. Beside what an edge lets wait (topology.ts), that is all that waits for room in
 * its ring. */
export const STEP_BYTES_MAX: number = MESSAGE_BYTES_MAX
