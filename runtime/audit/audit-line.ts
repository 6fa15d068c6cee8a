// A line of the audit log as ZooKeeper writes it (AuditEvent, Slf4jAuditLogger): pairs of key and
// value with tabs between them. `result` comes last, and a key without a value is left out.
//
//   2026-11-30 17:00:00,123 INFO audit.Slf4jAuditLogger: session=0x1...<tab>user=127.0.0.1,bob<tab>...
//
// Values come from clients, so control characters in them are escaped: none can end a pair or a
// line.

import { printable } from '../process/printable.ts'

export type AuditResult = 'success' | 'failure' | 'invoked'

/** In the order of the keys in a line. */
export interface AuditEvent {
  readonly session?: string
  readonly user?: string
  readonly ip?: string
  readonly operation: string
  readonly znode?: string
  readonly znode_type?: string
  readonly acl?: string
  readonly result: AuditResult
}

/** Longer values are cut. In UTF-16 code units. */
const VALUE_LETTERS_MAX = 4096
const KEYS = ['session', 'user', 'ip', 'operation', 'znode', 'znode_type', 'acl', 'result'] as const

/** The line with its line feed. `wallMs`: milliseconds since 1970. */
export function auditLine(event: AuditEvent, wallMs: number): string {
  const pairs = KEYS.flatMap((key) => {
    const value = event[key]
    return value === undefined ? [] : [`${key}=${harmless(value)}`]
  })
  const level = event.result === 'failure' ? 'ERROR' : 'INFO'
  return `${timeText(wallMs)} ${level} audit.Slf4jAuditLogger: ${pairs.join('\t')}\n`
}

/** The value with control characters and the like as \uXXXX, and cut if it is too long. */
export function harmless(value: string): string {
  const short = value.length > VALUE_LETTERS_MAX ? `${value.slice(0, VALUE_LETTERS_MAX)}...` : value
  return printable(short)
}

/** Local time as log4j and logback write it. */
function timeText(wallMs: number): string {
  const time = new Date(wallMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')
  return `${day} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`
}
