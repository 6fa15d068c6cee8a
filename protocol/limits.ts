// What one request may cost, where its own length does not say so. Each limit is far above what an
// honest client needs, and a client that reaches one is told: by an error, or by the end of the
// connection and a line in the log.

const MIB = 1 << 20

/** A ConnectRequest has 45 bytes. Before it, the sender may be anybody. */
export const HANDSHAKE_BYTES_MAX = 1024

/** What a connection has proven with all its auth packets, in characters and a fixed amount for
 * each. This is less than a leader reads of them. A further packet fails. */
export const IDENTITIES_BYTES_MAX = 65_536
export const IDENTITY_BYTES = 80

/** Requests of one connection that are under way, in bytes. Beyond this it is not read from. */
export const REQUEST_BYTES_HIGH: number = 8 * MIB

/** A reply, unless a single znode's value may be longer. ZooKeeper has no such limit, and dies if
 * it has no memory for one. */
export const REPLY_BYTES_MAX: number = 64 * MIB
/** Replies that one connection's client has not taken. Beyond this its next read waits. */
export const UNREAD_BYTES_HIGH: number = MIB
/** The same for all connections. Beyond this, reads with long replies wait. */
export const UNREAD_TOTAL_HIGH: number = 128 * MIB
/** What piles up all the same, of events and of reads behind writes. Beyond this the connection is
 * closed. */
export const UNREAD_BYTES_MAX: number = REPLY_BYTES_MAX + 32 * MIB
/** The same for all connections. Beyond this, the one that holds the most is closed. */
export const UNREAD_TOTAL_MAX: number = 512 * MIB

/** How many ephemerals the close of a session deletes in one transaction. */
export const CLOSE_DELETES_MAX = 1000

/** A read that visits more nodes, or whose reply exceeds this many bytes, is answered in steps of
 * this size, and others are served in between. */
export const STEP_NODES = 2000
export const STEP_BYTES: number = MIB / 2

/** ZooKeeper never keeps fewer snapshots: if one is damaged, another must be left to start from. */
export const SNAPSHOTS_KEPT_MIN = 3

/** How many sessions of one learner's clients its leader is asked about at the same time. A further
 * client looks for another server. */
export const REVALIDATIONS_MAX = 10_000

/** Anything that is written, or sent between threads: as much as a length in Jute can say. */
export const MESSAGE_BYTES_MAX: number = 2 ** 31 - 1
/** What one step of an actor, or one frame of a client, may send along one edge, in all its
 * messages together: no more than one message may be. Besides what an edge lets wait
 * (topology.ts), this is all that can wait for room in its ring. */
export const STEP_BYTES_MAX: number = MESSAGE_BYTES_MAX
