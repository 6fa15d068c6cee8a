// The operations of the client protocol and the types of transactions, one line each
// (ZooDefs.OpCode); and create modes, permissions, watch and event types. The numbers go over the
// wire.

/** What a client's request is to the server. */
export type OperationKind =
  /** Answered by the server that was asked, from its tree or its watches. */
  | 'read'
  /** Becomes a transaction. */
  | 'write'
  /** A write that may only be asked for inside a multi. */
  | 'part'
  /** Waits for everything that the leader had proposed. */
  | 'sync'
  /** The end of a session: one transaction or more. */
  | 'close'
  /** Answered before it reaches the tree. */
  | 'auth'
  /** A transaction that no client may ask for. A sender that does is no client of ZooKeeper's. */
  | 'internal'
  /** A type in a record. Nobody can ask for it. */
  | 'mark'

export interface OperationRow {
  readonly code: number
  /** The name that `cons` shows for a connection's last operation; null where ZooKeeper has none. */
  readonly shortName: string | null
  readonly kind: OperationKind
  /** Whether a multi may hold it. */
  readonly inMulti?: true
}

/** Every operation: what both ends, the network loop and the log's reader know of it. What it does
 * to the tree is in actors/tree/operations/, which does not compile if one is missing there. */
export const OPERATIONS = {
  create: { code: 1, shortName: 'CREA', kind: 'write', inMulti: true },
  delete: { code: 2, shortName: 'DELE', kind: 'write', inMulti: true },
  exists: { code: 3, shortName: 'EXIS', kind: 'read' },
  getData: { code: 4, shortName: 'GETD', kind: 'read' },
  setData: { code: 5, shortName: 'SETD', kind: 'write', inMulti: true },
  getACL: { code: 6, shortName: 'GETA', kind: 'read' },
  setACL: { code: 7, shortName: 'SETA', kind: 'write' },
  getChildren: { code: 8, shortName: 'GETC', kind: 'read' },
  sync: { code: 9, shortName: 'SYNC', kind: 'sync' },
  ping: { code: 11, shortName: 'PING', kind: 'read' },
  getChildren2: { code: 12, shortName: 'GETC', kind: 'read' },
  check: { code: 13, shortName: 'CHEC', kind: 'part', inMulti: true },
  multi: { code: 14, shortName: 'MULT', kind: 'write' },
  create2: { code: 15, shortName: 'CREA', kind: 'write', inMulti: true },
  reconfig: { code: 16, shortName: 'RECO', kind: 'write' },
  checkWatches: { code: 17, shortName: 'CHKW', kind: 'read' },
  removeWatches: { code: 18, shortName: 'REMW', kind: 'read' },
  createContainer: { code: 19, shortName: 'CREA', kind: 'write', inMulti: true },
  deleteContainer: { code: 20, shortName: null, kind: 'internal' },
  createTTL: { code: 21, shortName: 'CREA', kind: 'write', inMulti: true },
  multiRead: { code: 22, shortName: 'MLTR', kind: 'read' },
  auth: { code: 100, shortName: null, kind: 'auth' },
  setWatches: { code: 101, shortName: 'SETW', kind: 'read' },
  sasl: { code: 102, shortName: null, kind: 'read' },
  getEphemerals: { code: 103, shortName: 'GETE', kind: 'read' },
  getAllChildrenNumber: { code: 104, shortName: 'GETACN', kind: 'read' },
  setWatches2: { code: 105, shortName: 'STW2', kind: 'read' },
  addWatch: { code: 106, shortName: 'ADDW', kind: 'read' },
  whoAmI: { code: 107, shortName: 'HOMI', kind: 'read' },
  /** Of our own; above all of ZooKeeper's. */
  getChildrenPage: { code: 200, shortName: 'GETCP', kind: 'read' },
  createSession: { code: -10, shortName: null, kind: 'internal' },
  closeSession: { code: -11, shortName: 'CLOS', kind: 'close' },
  /** In a log, it replaces what was refused; in a multi's reply, what failed. */
  error: { code: -1, shortName: null, kind: 'mark' },
} as const

type Rows = typeof OPERATIONS
export type OperationName = keyof Rows

/** The code of each operation, by its name. */
export const OpCode: { readonly [N in OperationName]: Rows[N]['code'] } = Object.fromEntries(
  Object.entries(OPERATIONS).map(([name, { code }]) => [name, code]),
) as never

export type OpCode = Rows[OperationName]['code']

const ROWS: Readonly<Record<string, OperationRow>> = OPERATIONS
const CODES: readonly number[] = Object.values(ROWS).map(({ code }) => code)
const CODE_MIN = Math.min(...CODES)
const CODE_COUNT = Math.max(...CODES) - CODE_MIN + 1

/** Something for each of some operations, by their codes. An array, because every request looks
 * into several. */
export class CodeTable<T> {
  readonly #values: (T | undefined)[] = new Array<T | undefined>(CODE_COUNT).fill(undefined)

  constructor(entries: readonly (readonly [code: OpCode, value: T])[]) {
    for (const [code, value] of entries) this.#values[code - CODE_MIN] = value
  }

  /** Undefined for a code that is not in the table. Any code may be asked for. */
  get(code: number): T | undefined {
    const at = code - CODE_MIN
    return at >= 0 && at < CODE_COUNT ? this.#values[at] : undefined
  }

  has(code: number): boolean {
    return this.get(code) !== undefined
  }
}

const BY_CODE: CodeTable<OperationRow> = new CodeTable(
  Object.values(OPERATIONS).map((row) => [row.code, row]),
)
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ROWS).map(([name, { code }]) => [code, name]),
)

/** Undefined for a code that we do not know: a client may send any. */
export function operationOf(opCode: number): OperationRow | undefined {
  return BY_CODE.get(opCode)
}

export function operationName(opCode: number): string | undefined {
  return NAMES.get(opCode)
}

/** Request ids with a special meaning. */
export const Xid = {
  notification: -1,
  ping: -2,
  auth: -4,
  setWatches: -8,
} as const

export const CreateMode = {
  persistent: 0,
  ephemeral: 1,
  persistentSequential: 2,
  ephemeralSequential: 3,
  container: 4,
  persistentWithTtl: 5,
  persistentSequentialWithTtl: 6,
} as const

export const Perm = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const

export const EventType = {
  none: -1,
  nodeCreated: 1,
  nodeDeleted: 2,
  nodeDataChanged: 3,
  nodeChildrenChanged: 4,
  dataWatchRemoved: 5,
  childWatchRemoved: 6,
  persistentWatchRemoved: 7,
} as const
export type EventType = (typeof EventType)[keyof typeof EventType]

export const KeeperState = {
  disconnected: 0,
  syncConnected: 3,
  authFailed: 4,
  connectedReadOnly: 5,
  saslAuthenticated: 6,
  closed: 7,
  expired: -112,
} as const

/** The argument of removeWatches and checkWatches. */
export const WatcherType = {
  children: 1,
  data: 2,
  any: 3,
  persistent: 4,
  persistentRecursive: 5,
} as const
export type WatcherType = (typeof WatcherType)[keyof typeof WatcherType]

export const AddWatchMode = { persistent: 0, persistentRecursive: 1 } as const
