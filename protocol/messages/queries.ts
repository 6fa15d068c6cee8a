// Questions of the operator's commands that only an actor can answer, and the shape of the answers
// (msgpack). A query travels the same edges as everything else, and so does its answer, in parts: each
// is asked for, so no more are made than the operator's socket takes. A part that is null says
// nothing yet: the actor is still looking, and serves others in between.

export const Query = {
  /** Of the same question: the next part; or none, the operator has gone. */
  more: -1,
  forget: -2,
  /** wchs: WatchSummary. */
  watchSummary: 1,
  /** wchc: parts of WatchesBySession. */
  watchesBySession: 2,
  /** wchp: parts of WatchesByPath. */
  watchesByPath: 3,
  /** dump, sessions' part: SessionCounts, then parts of SessionDump. */
  sessions: 4,
  /** dump, tree's part: how many sessions there are, then parts of EphemeralDump. */
  ephemerals: 5,
  /** hash: DigestHistory. */
  digests: 6,
} as const
export type Query = (typeof Query)[keyof typeof Query]

/** Connections that watch anything, paths watched, watches. */
export type WatchSummary = [connections: number, paths: number, watches: number]
/** Session id in hex without 0x, and its paths. In these four the last of a part may go on in the
 * next. */
export type WatchesBySession = [sessionIdHex: string, paths: string[]][]
export type WatchesByPath = [path: string, sessionIdsHex: string[]][]
/** Expiry time in ms of the server's clock, how many sessions that bucket has, and these. */
export type SessionDump = [expiryMs: number, size: number, sessionIdsHex: string[]][]
export type EphemeralDump = [sessionIdHex: string, paths: string[]][]
export type SessionCounts = [buckets: number, sessions: number]
/** Zxid and digest, both hex, oldest first. */
export type DigestHistory = [zxidHex: string, digestHex: string][]
