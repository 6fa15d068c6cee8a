// Numbers as people read them.

const NAMES: Readonly<Record<string, string>> = {
  perSecond: 'requests a second',
  p50Us: 'latency p50',
  p99Us: 'latency p99',
  p999Us: 'latency p99.9',
  maxUs: 'latency max',
  serverCpuUsPerOp: 'server CPU a request',
  generatorCpuUsPerOp: 'generator CPU a request',
  serverCpuSeconds: 'server CPU',
  serverPeakMb: 'server memory, peak',
  generatorBusy: 'generator busy',
  generatorCores: 'generator CPU, cores',
  generatorPerSecond: 'generator could do',
}

/** Unit by the end of a metric's name. */
const UNITS: readonly (readonly [RegExp, string, number])[] = [
  [/Us(PerOp)?$/, 'us', 0],
  [/Ms$/, 'ms', 1],
  [/Seconds$/, 's', 2],
  [/Mb$/, 'MB', 0],
  [/[Bb]ytes(Each)?$/, 'B', 0],
  [/PerSecond$|^perSecond$/, '/s', 0],
]

export function metricName(metric: string): string {
  return NAMES[metric] ?? metric.replace(/([A-Z])/g, ' $1').toLowerCase()
}

export function quantity(metric: string, value: number): string {
  const [, unit = '', digits = 2] = UNITS.find(([pattern]) => pattern.test(metric)) ?? []
  if (Number.isInteger(value) || Math.abs(value) >= 1000)
    return `${grouped(value, 0)} ${unit}`.trim()
  const small = Math.abs(value) < 10 ? Math.max(digits, 2) : digits
  return `${grouped(value, small)} ${unit}`.trim()
}

function grouped(value: number, digits: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}

export function ratioText(ratio: number | null): string {
  return ratio === null ? '' : `${ratio.toPrecision(3).replace(/\.?0+$/, '')}x`
}
