// HDR histograms of microseconds, up to a minute, three digits. Packed they are text, which results
// keep, so that a report can draw them and several repetitions can be added up.

import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'

export type { Histogram } from 'hdr-histogram-js'

const MAX_US = 60_000_000

export function histogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MAX_US,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  })
}

/** What took longer than a minute counts as a minute. */
export function recordMs(one: Histogram, ms: number): void {
  one.recordValue(Math.min(MAX_US, Math.max(0, Math.round(ms * 1000))))
}

export function packed(one: Histogram): string {
  return encodeIntoCompressedBase64(one)
}

/** All added up. */
export function unpacked(texts: readonly string[]): Histogram {
  const sum = histogram()
  for (const text of texts) sum.add(decodeFromCompressedBase64(text))
  return sum
}

/** In microseconds. */
export function latencyMetrics(one: Histogram): Record<string, number> {
  return {
    p50Us: one.getValueAtPercentile(50),
    p99Us: one.getValueAtPercentile(99),
    p999Us: one.getValueAtPercentile(99.9),
    maxUs: one.maxValue,
  }
}
