// Settings of metrics by HTTP, which are not there yet: what is said about them.

import type { MissingFeature } from '../names/missing-features.ts'

const WITHOUT_HTTP = /\.(Default|Null)MetricsProvider$|^$/

export const MISSING_METRICS: MissingFeature = {
  names: 'metricsProvider.',
  asked: (values) => !WITHOUT_HTTP.test(values.get('metricsProvider.className') ?? ''),
  problem: 'no metrics by HTTP yet; the four-letter word mntr has them',
}
