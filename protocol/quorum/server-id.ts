// The id of a server of an ensemble: what `myid` holds. A long on the wire; here a number, since
// 1 to 255 are the only ids a configuration may name.

export type ServerId = number

export const SERVER_ID_MAX = 255
/** Votes of a server that takes no part, and of nobody. Long.MIN_VALUE on the wire. */
export const SERVER_NONE: ServerId = -1
