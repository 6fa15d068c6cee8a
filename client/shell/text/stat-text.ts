// A Stat as the shell prints it, one field a line.

import { formatSessionId, sessionIdOf } from '../../../protocol/session-id.ts'
import type { Stat } from '../../../protocol/stat.ts'
import { formatZxid } from '../../../protocol/zxid.ts'

export function statLines(stat: Stat): string[] {
  return [
    `cZxid = ${formatZxid(stat.czxid)}`,
    `ctime = ${dateText(stat.ctime)}`,
    `mZxid = ${formatZxid(stat.mzxid)}`,
    `mtime = ${dateText(stat.mtime)}`,
    `pZxid = ${formatZxid(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = ${formatSessionId(sessionIdOf(stat.ephemeralOwner))}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ]
}

const DATE_PARTS = new Intl.DateTimeFormat('en-US', {
  weekday: 'short',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
  year: 'numeric',
})

/** `Thu Jan 01 00:00:00 UTC 1970`, in the local time zone. */
export function dateText(ms: number): string {
  const parts = new Map<string, string>()
  for (const part of DATE_PARTS.formatToParts(ms)) parts.set(part.type, part.value)
  const part = (name: string): string => parts.get(name) ?? ''
  const time = `${part('hour')}:${part('minute')}:${part('second')}`
  const day = `${part('weekday')} ${part('month')} ${part('day')}`
  return `${day} ${time} ${part('timeZoneName')} ${part('year')}`
}
