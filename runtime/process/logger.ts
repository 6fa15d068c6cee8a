// pino: readable lines on a terminal, JSON otherwise. The only file that knows it.

import { closeSync, openSync } from 'node:fs'
import { isatty } from 'node:tty'
import { destination, type Logger as PinoLogger, pino } from 'pino'
import { logDescriptor } from './log-descriptor.ts'
import { standardOutput } from './log-output.ts'
import { printable, printableJson, shownJson } from './printable.ts'

export type Logger = PinoLogger

const WARN = 40
/** Lines that are warnings or worse begin so: pino writes the level first. */
const WARNING_LINE = /^\{"level":(40|50|60),/
const WARNINGS_KEPT = 200
const WARNING_CHARS_MAX = 4000
const warnings: string[] = []

/** What makes lines readable is loaded only if somebody reads them. */
const readable = isatty(logDescriptor()) ? await prettyLines() : printableJson

async function prettyLines(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname',
    messageFormat: (log, key) => printable(String(log[key] ?? '')),
  })
  return (line) => pretty(shownJson(line))
}

/** Synchronous, so that the last line before an exit is not lost. */
const output = standardOutput((lost, why) => {
  const line = { level: WARN, time: new Date().toISOString(), lost, why, msg: 'log lines lost' }
  return readable(`${JSON.stringify(line)}\n`)
})

export function createLogger(level: string): Logger {
  const stream = {
    write: (line: string) => {
      if (WARNING_LINE.test(line)) keep(line)
      output.write(readable(line))
    },
  }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
}

function keep(line: string): void {
  if (line.length > WARNING_CHARS_MAX) return
  warnings.push(line.trimEnd())
  if (warnings.length > WARNINGS_KEPT) warnings.shift()
}

/** The latest lines that are warnings or worse, in JSON, oldest first: 200 at most. Longer ones than 4000
 * characters are left out. */
export function recentWarnings(): readonly string[] {
  return warnings
}

/** A file of its own, written without waiting. What would make more than so many bytes wait is dropped:
 * event `drop`. What cannot be written: event `error`. Throws if it cannot be opened. */
export function openFile(path: string, waitingBytesMax: number): ReturnType<typeof destination> {
  closeSync(openSync(path, 'a'))
  return destination({ dest: path, append: true, sync: false, maxLength: waitingBytesMax })
}

/** Writes a line, whatever the log's level. */
export function say(line: string): void {
  output.write(`${line}\n`)
}

/** How many lines could not be written since the start of the process. */
export function lostLogLines(): number {
  return output.lost
}
