// pino: readable lines on a terminal, JSON otherwise. The only file that knows it.

import { type Logger as PinoLogger, pino } from 'pino'

export type Logger = PinoLogger

/** Synchronous: the last line before an exit is not lost. What makes lines readable is loaded where
 * somebody reads them. */
const stream = process.stdout.isTTY
  ? (await import('pino-pretty')).build({
      sync: true,
      translateTime: 'SYS:HH:MM:ss.l',
      ignore: 'pid,hostname',
    })
  : pino.destination({ dest: 1, sync: true })

export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
}
