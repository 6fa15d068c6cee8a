// A server as a process: from options to the exit code. Locks the data, starts, waits for a signal,
// stops in order. `bin/server.ts` and `bin/start.ts` both end here.

import type { ServerOptions } from '../config/options.ts'
import { DataLock, DataLockError } from './disk/data-lock.ts'
import type { Logger } from './logger.ts'
import { fourLetterWords } from './net/four-letter-words.ts'
import { Server } from './server.ts'

/** As ZooKeeper's ExitCode. */
export const ExitCode = {
  finished: 0,
  unexpected: 1,
  invocation: 2,
  dataDir: 3,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** A client that never takes its last replies must not keep a server from ending. */
const STOP_MS_MAX = 10_000

/** Serves until SIGTERM or SIGINT, then ends the process. `onListening` gets the client port. */
export async function serve(
  options: ServerOptions,
  logger: Logger,
  onListening: (port: number) => void,
): Promise<void> {
  const locks = lockFolders(options, logger)
  const server = new Server(options, logger, fourLetterWords, (problem) => {
    logger.fatal({ problem }, 'the server cannot go on; what it acknowledged is on disk')
    process.exit(ExitCode.unexpected)
  })
  stopOnSignal(server, locks, logger)
  const address = options.clientPortAddress ?? '0.0.0.0'
  try {
    logger.info(`binding to port ${address}:${options.clientPort}`)
    const port = await server.start()
    announce(logger, address, port, options.dataDir)
    onListening(port)
  } catch (error) {
    logger.fatal({ err: error }, `cannot listen on ${address}:${options.clientPort}`)
    process.exit(ExitCode.unexpected)
  }
}

/** Whoever started the server waits for these words, whatever the log leaves out. */
function announce(logger: Logger, address: string, port: number, dataDir: string): void {
  if (logger.isLevelEnabled('info')) logger.info({ address, port, dataDir }, 'serving clients')
  else process.stdout.write(`serving clients on ${address}:${port}\n`)
}

function lockFolders(options: ServerOptions, logger: Logger): DataLock[] {
  try {
    const folders = new Set([options.dataDir, options.dataLogDir])
    return [...folders].map((folder) => DataLock.take(folder, options.datadirAutocreate))
  } catch (error) {
    if (!(error instanceof DataLockError)) throw error
    logger.fatal(error.message)
    process.exit(ExitCode.dataDir)
  }
}

function stopOnSignal(server: Server, locks: readonly DataLock[], logger: Logger): void {
  let stopping = false
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) process.exit(ExitCode.unexpected)
    stopping = true
    logger.info({ signal }, 'stopping')
    const deadline = setTimeout(() => {
      logger.warn('a client did not take its last replies; ending all the same')
      process.exit(ExitCode.finished)
    }, STOP_MS_MAX)
    await server.stop()
    clearTimeout(deadline)
    for (const lock of locks) lock.release()
    logger.info('stopped')
    process.exit(ExitCode.finished)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void stop(signal))
  }
}
