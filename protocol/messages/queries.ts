// Questions behind operators' commands that only an actor can answer, and the shape of the answers
// (msgpack). A query travels the same edges as everything else. So does its answer, in parts: each
// part is asked for, so that no more are made than the operator's socket takes. A part that is null
// says nothing yet: the actor is still looking, and serves others in between.

export const Query = {
  /** The next part of the same question. */
  more: -1,
  forget: -2,
  /** wchs: WatchSummary. */
  watchSummary: 1,
  /** wchc: parts of WatchesBySession. */
  watchesBySession: 2,
  /** wchp: parts of WatchesByPath. */
  watchesByPath: 3,
  /** dump, the sessions' part: SessionCounts, then parts of SessionDump. */
  sessions: 4,
  /** dump, the tree's part: the number of sessions, then parts of EphemeralDump. */
  ephemerals: 5,
  /** hash: DigestHistory. */
  digests: 6,
  /** The access list of `/`: RootAcls. */
  rootAcls: 7,
  /** Has a snapshot file written: SnapshotBegun. */
  snapshot: 8,
  /** An ensemble's: ObserverList, whole in its first part. Empty unless this server leads. */
  observers: 9,
  /** Counts of the observers' packets begin again: the list as it is then. */
  resetObservers: 10,
  /** dump at a learner, which knows no deadlines: how many sessions there are, then parts of
   * SessionTimeouts. */
  globalSessions: 11,
  /** Asks a leader to let another server lead: HandedOver. */
  handOver: 12,
} as const
export type Query = (typeof Query)[keyof typeof Query]

/** Connections that watch anything, paths that are watched, watches. */
export type WatchSummary = [connections: number, paths: number, watches: number]
/** A session id in hex without 0x, and its paths. In this type and the next three, the last list of
 * a part may continue in the next part. */
export type WatchesBySession = [sessionIdHex: string, paths: string[]][]
export type WatchesByPath = [path: string, sessionIdsHex: string[]][]
/** An expiry time in ms of the server's clock, how many sessions expire then, and some of these. */
export type SessionDump = [expiryMs: number, size: number, sessionIdsHex: string[]][]
export type EphemeralDump = [sessionIdHex: string, paths: string[]][]
export type SessionCounts = [buckets: number, sessions: number]
/** Of `/`. */
export type RootAcls = [perms: number, scheme: string, id: string][]
/** A zxid: the file that will be written ends there, or later. */
export type SnapshotBegun = number
/** Why not; null: the server steps down now. */
export type HandedOver = [why: string | null]
/** Session ids in hex, in order, each with its timeout. */
export type SessionTimeouts = [sessionIdHex: string, timeoutMs: number][]
/** Of each observer that is up to date: its id, for how many ms it has been connected, how many packets
 * and requests have come from it, and what was sent to it (LinkReport). */
export type ObserverList = [
  serverId: number,
  connectedMs: number,
  received: number,
  requests: number,
  address: string,
  sent: number,
  lastZxid: number,
  waiting: number,
  waitingBytes: number,
][]
/** Zxid and digest, both in hex, oldest first. */
export type DigestHistory = [zxidHex: string, digestHex: string][]
