// `srst` and `crst`: start statistics again.

import type { ReportSource } from './source.ts'

/** What `srvr` counts. */
export function resetServerStats({ network }: Pick<ReportSource, 'network'>): void {
  network.stats.reset()
}

/** What `cons` counts, for each connection. */
export function resetConnectionStats({ network }: Pick<ReportSource, 'network'>): void {
  for (const connection of network.connections()) connection.resetStats()
}
