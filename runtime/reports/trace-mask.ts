// `gtmk` and `stmk`: kept for tools that set it; there is no trace that it selects from.

import type { ReportSource } from './source.ts'

/** ZooKeeper's default. */
const DEFAULT = 306n

export class TraceMask {
  value: bigint = DEFAULT
}

export interface TraceMaskReport {
  readonly tracemask: bigint
}

export function traceMask({ traceMask }: Pick<ReportSource, 'traceMask'>): TraceMaskReport {
  return { tracemask: traceMask.value }
}

/** A signed 64-bit number. */
export function setTraceMask(
  source: Pick<ReportSource, 'traceMask'>,
  mask: bigint,
): TraceMaskReport {
  source.traceMask.value = BigInt.asIntN(64, mask)
  return traceMask(source)
}
