// How Java prints dates, as operators' tools expect in four-letter words.

/** Made on first use: it would take a tenth of the start. */
let zone: Intl.DateTimeFormat | null = null

/** `Sun Nov 22 15:18:01 UTC 2026`, in the machine's time zone. */
export function dateText(wallMs: number): string {
  const date = new Date(wallMs)
  const [day, month, dayOfMonth, year, time] = date.toString().split(' ')
  zone ??= new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' })
  const name = zone.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC'
  return `${day} ${month} ${dayOfMonth} ${time} ${name} ${year}`
}
