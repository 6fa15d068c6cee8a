// `isro`: whether the server has no leader, and only serves reads.

import type { ReportSource } from './source.ts'

export interface ReadOnlyReport {
  readonly read_only: boolean
}

export function readOnly({ network }: Pick<ReportSource, 'network'>): ReadOnlyReport {
  return { read_only: network.mode === 'read-only' }
}
