// What a load is: plain data, so that it can be handed to the worker that makes it.

export const OPERATIONS = [
  'set',
  'get',
  'create',
  'getChildren',
  'multi',
  'multi2',
  'multi100',
] as const
export type OperationName = (typeof OPERATIONS)[number]

export interface LoadSpec {
  /** Connections take them in turn. */
  readonly ports: readonly number[]
  /** Over TLS, with what tls.connect takes; PEM. */
  readonly tls?: { readonly ca: string; readonly key: string; readonly cert: string }
  /** Begins the names of the znodes that this load makes; two loads on one server must differ. */
  readonly name: string
  /** Each with its share of the requests; shares add up to 1. */
  readonly mix: readonly { readonly operation: OperationName; readonly share: number }[]
  readonly connections: number
  /** Requests under way on each connection. */
  readonly outstanding: number
  readonly valueBytes: number
  readonly warmupSeconds: number
  readonly seconds: number
  /** Ends after so many replies, if that comes before the seconds are over. */
  readonly countMax?: number
  /** All connections together send so many a second, whether replies come or not, and latency counts
   * from when a request was due. Absent: a closed loop, a reply is followed by the next request. */
  readonly perSecond?: number
  /** Replies are also counted by stretches of so many milliseconds. */
  readonly bucketMs?: number
}

/** Children that getChildren lists. */
export const CHILDREN = 16
/** Writes in one of these. */
export const MULTI_OPS: Readonly<Partial<Record<OperationName, number>>> = {
  multi: 8,
  multi2: 2,
  multi100: 100,
}
/** A value begins with a number that counts the writes of its znode. */
export const VALUE_BYTES_MIN = 4

/** Connections and requests under way on each, of `10x16`. */
export function shapeOf(text: string): { connections: number; outstanding: number } {
  const [connections = 0, outstanding = 0] = text.split('x').map(Number)
  if (!(connections > 0 && outstanding > 0)) throw new Error(`${text}: must be like 10x16`)
  return { connections, outstanding }
}
