// `gtmk` and `stmk`: kept for tools that set it. There is no trace that it could select from.

/** ZooKeeper's default. */
const DEFAULT = 306n

export class TraceMask {
  value: bigint = DEFAULT
}

interface Holder {
  readonly traceMask: TraceMask
}

export interface TraceMaskReport {
  readonly tracemask: bigint
}

export function traceMask({ traceMask }: Holder): TraceMaskReport {
  return { tracemask: traceMask.value }
}

/** A signed 64-bit number. */
export function setTraceMask(source: Holder, mask: bigint): TraceMaskReport {
  source.traceMask.value = BigInt.asIntN(64, mask)
  return traceMask(source)
}
