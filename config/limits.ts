// Bounds on what may be configured, and how they hang together.

/** Proposals that may be in flight: the rings between the actors have room for as many
 * (runtime/topology.ts). */
export const GLOBAL_OUTSTANDING_MAX = 65_536

/** As ZooKeeper's BinaryInputArchive: what a transaction may always have beyond a client's bytes. */
export const JUTE_EXTRA_MIN = 1024
/** Whatever a client may send: a record of a transaction around its bytes must fit beside them. */
export const JUTE_ENTRY_MIN = 16_384
/** Four copies of a frame may exist at once. */
export const JUTE_BUFFER_MAX: number = 1 << 30

/** Below that, a snapshot would be written after every transaction. */
export const SNAP_COUNT_MIN = 2
