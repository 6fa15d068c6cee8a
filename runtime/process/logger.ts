// pino: readable lines on a terminal, JSON otherwise. The only file that knows it.

import { closeSync, openSync } from 'node:fs'
import { isatty } from 'node:tty'
import { destination, type Logger as PinoLogger, pino } from 'pino'
import { logDescriptor } from './log-descriptor.ts'
import { standardOutput } from './log-output.ts'
import { printable, printableJson, shownJson } from './printable.ts'

export type Logger = PinoLogger

const WARN = 40

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
  const stream = { write: (line: string) => output.write(readable(line)) }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
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
