// How Java prints what operators' tools read from four-letter words: doubles and dates.

/** Made when it is needed: it would be a tenth of a start. */
let zone: Intl.DateTimeFormat | null = null

/** At most four decimals, at least one: 0.0, 4.5714. Never NaN. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return '0.0'
  const rounded = Math.round(value * 10_000) / 10_000
  return Number.isInteger(rounded) ? rounded.toFixed(1) : String(rounded)
}

/** `Sun Nov 22 15:18:01 UTC 2026`, in the machine's time zone. */
export function dateText(wallMs: number): string {
  const date = new Date(wallMs)
  const [day, month, dayOfMonth, year, time] = date.toString().split(' ')
  zone ??= new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' })
  const name = zone.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC'
  return `${day} ${month} ${dayOfMonth} ${time} ${name} ${year}`
}
