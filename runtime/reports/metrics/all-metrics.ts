// Every metric of the server, in the order in which `mntr` lists them. A new metric is a row in one
// of these tables (docs/recipes.md).

import { COUNTER_METRICS } from './counter-metrics.ts'
import type { Metric } from './metric.ts'
import { OWN_METRICS } from './own-metrics.ts'
import { QUORUM_METRICS } from './quorum-metrics.ts'
import { SERVER_METRICS } from './server-metrics.ts'
import { SUMMARY_METRICS } from './summary-metrics.ts'

export const METRICS: readonly Metric[] = [
  ...SERVER_METRICS,
  ...QUORUM_METRICS,
  ...COUNTER_METRICS,
  ...SUMMARY_METRICS,
  ...OWN_METRICS,
]
