// pino: readable lines on a terminal, JSON otherwise. The only file that knows it.

import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'
import { build as pretty } from 'pino-pretty'

export type Logger = PinoLogger

export function createLogger(level: string): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  return process.stdout.isTTY ? pino(options, prettyStream()) : pino(options, plainStream())
}

/** Synchronous: the last line before an exit is not lost. */
function plainStream(): DestinationStream {
  return pino.destination({ dest: 1, sync: true })
}

function prettyStream(): DestinationStream {
  return pretty({ sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
}
