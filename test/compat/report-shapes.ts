// What is compared of reports, Apache's and ours: keys, and the types of values.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../bin/launch.ts'

/** Sets, which have labels there, and here are in Prometheus alone. */
export const IN_PROMETHEUS: RegExp = /_(read|write)_per_namespace$/
/** Of ZooKeeper 3.5, which tools still ask for. */
export const OLD_METRICS: readonly string[] = ['fsync_threshold_exceed_count']

/** `key.key: type`, sorted. Numbers in keys count for nothing, and what stands in an array
 * is one. */
export function shapeOf(value: unknown, path: string = ''): string[] {
  if (Array.isArray(value)) return shapeOf(value[0] ?? null, `${path}[]`)
  if (value === null || typeof value !== 'object') {
    return [`${path}: ${value === null ? 'null' : typeof value}`]
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return [`${path}: {}`]
  const shapes = entries.flatMap(([key, inner]) => {
    return shapeOf(inner, `${path === '' ? '' : `${path}.`}${key.replace(/\d+/g, 'N')}`)
  })
  return [...new Set(shapes)].sort()
}

/** Of metrics: those of a summary are one, and whether it has quantiles beyond the first. */
export function metricNames(keys: readonly string[]): string[] {
  return keys.flatMap((key) => {
    const [, prefix, name = ''] = /^(avg|min|max|cnt|sum|p50|p95|p99|p999)_(\w+)$/.exec(key) ?? []
    const isSummary = prefix !== undefined && keys.includes(`cnt_${name}`)
    return isSummary ? [name] : [key]
  })
}

/** Of docs/metrics.md. */
export function leftOutNames(): Set<string> {
  const text = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8')
  const rows = text.slice(text.indexOf('## Left out')).matchAll(/^\| (`.*?`) \|/gm)
  return new Set([...rows].flatMap(([, names = '']) => names.match(/\w+/g) ?? []))
}

/** A text with its numbers, times, and versions taken out: D is a decimal, N a whole number. */
export function templateOf(text: string): string {
  return text
    .replace(/\d+\.\d+\.\d+-.+, built on \d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'VERSION')
    .replace(/[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d [A-Z]+ \d{4}/g, 'TIME')
    .replace(/\b\d+\.\d+\.\d+\.\d+:\d+/g, 'ADDRESS')
    .replace(/0x[0-9a-f]+/g, '0xN')
    .replace(/-?\d+\.\d+/g, 'D')
    .replace(/-?\d+/g, 'N')
}

/** Of lines such as `key=value`: the keys, each with what kind of value it has. */
export function entriesOf(text: string, between: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const at = line.indexOf(between)
      if (at < 0) return line
      const value = templateOf(line.slice(at + between.length))
      return `${line.slice(0, at)}${between}${/^[ND]$/.test(value) ? value : 'text'}`
    })
}
