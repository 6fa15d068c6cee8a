// Bounds on what may be configured, and how they depend on each other.

/** How many proposals may be in flight: the rings between the actors have room for this many
 * (runtime/topology.ts). */
export const GLOBAL_OUTSTANDING_MAX = 65_536

/** From ZooKeeper's BinaryInputArchive: what a transaction may always have beyond a client's
 * bytes. */
export const JUTE_EXTRA_MIN = 1024
/** Whatever a client may send, the rest of a transaction's record must fit beside it. */
export const JUTE_ENTRY_MIN = 16_384
/** Four copies of a frame may exist at once. */
export const JUTE_BUFFER_MAX: number = 1 << 30

/** With less, a snapshot would be written after every transaction. */
export const SNAP_COUNT_MIN = 2
