// What one request can cost, where the request's own length does not say it. Each is far above what
// an honest client needs, and whoever meets one is told: by an error, or by the end of the connection
// and a line in the log.

const MIB = 1 << 20

/** A reply. ZooKeeper has no such limit, and ends when it has no memory for one. */
export const REPLY_BYTES_MAX: number = 64 * MIB

/** Anything that is written or sent between threads: what a length of jute's can say. */
export const MESSAGE_BYTES_MAX: number = 2 ** 31 - 1
