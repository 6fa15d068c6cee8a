// Numbers, times and bytes as people read them.

import { nowMs } from './browser.ts'

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const ONE = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

export function count(value: number): string {
  return WHOLE.format(value)
}

/** A second. */
export function rate(value: number | null): string {
  if (value === null) return '–'
  return value < 10 ? ONE.format(value) : WHOLE.format(value)
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

export function bytes(value: number): string {
  let [size, unit] = [value, 0]
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024
    unit++
  }
  return `${ONE.format(size)} ${UNITS[unit]}`
}

/** Milliseconds as a short time. */
export function span(ms: number | null): string {
  if (ms === null) return '–'
  if (ms < 1) return `${Math.round(ms * 1000)} µs`
  if (ms < 1000) return `${ms < 10 ? ONE.format(ms) : WHOLE.format(ms)} ms`
  if (ms < 60_000) return `${ONE.format(ms / 1000)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`
  const hours = Math.floor(ms / 3_600_000)
  if (hours < 48) return `${hours} h ${Math.floor((ms % 3_600_000) / 60_000)} min`
  return `${Math.floor(hours / 24)} days`
}

/** Local date and time. `ms`: since 1970. */
export function time(ms: number): string {
  const date = new Date(ms)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

export function clock(ms: number): string {
  return time(ms).slice(11)
}

export function ago(ms: number): string {
  return `${span(Math.max(0, nowMs() - ms))} ago`
}
