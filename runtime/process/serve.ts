// A server as a process, from options to the exit code: locks the data, starts, waits for a signal,
// stops in order. `bin/launcher/run-server.ts` and `bin/start.ts` both end here.
//
// Most of a start is the loading of code. So the actors' threads start as soon as the data is
// locked, and this thread loads meanwhile what it needs besides.

import type { Remark } from '../../config/configuration.ts'
import type { ServerOptions } from '../../config/options.ts'
import { usesKerberos } from '../../config/settings/quorum-auth.ts'
import { peersTakeTls } from '../../config/settings/quorum-tls.ts'
import { takesTls } from '../../config/settings/tls.ts'
import { DataLock, DataLockError } from '../disk/data-lock.ts'
import type { KerberosService } from '../kerberos/kerberos.ts'
import type { ClientTls } from '../net/tls/client-tls.ts'
import type { Fatal, Server } from '../server.ts'
import type { Threads } from '../thread/threads.ts'
import { tooFew } from './descriptor-limit.ts'
import { type DescriptorPlan, planDescriptors } from './descriptors.ts'
import { endProcess } from './end-process.ts'
import { withoutMd5 } from './fips.ts'
import { KeptFacts } from './kept-facts.ts'
import type { Logger } from './logger.ts'
import { md5Problem } from './md5.ts'
import type { PeerCredentials } from './peer-credentials.ts'

/** The codes of ZooKeeper's ExitCode. */
export const ExitCode = {
  finished: 0,
  unexpected: 1,
  invocation: 2,
  dataDir: 3,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** A client that never takes its last replies must not keep a server from ending. */
const STOP_MS_MAX = 10_000

const LAST_WORDS: Readonly<Record<Fatal, string>> = {
  failed: 'the server cannot go on; everything it acknowledged is on disk',
  'data-gone':
    'the server stops, because a restart would not find what it writes; put the data back before ' +
    'the next start, which would begin without it',
}

/** Serves until SIGTERM or SIGINT, then ends the process. `remarks` are logged first. `onListening`
 * gets the client port. */
export async function serve(
  configured: ServerOptions,
  said: readonly Remark[],
  onListening: (port: number) => void,
): Promise<void> {
  const { options, remarks: withoutIt, refusal } = withoutMd5(configured, md5Problem())
  const remarks = [...said, ...withoutIt.map((text) => ({ level: 'warn', text }) as const)]
  if (refusal !== null) {
    const logger = await openLogger(options, remarks)
    logger.fatal(refusal)
    process.exit(ExitCode.unexpected)
  }
  const descriptors = planDescriptors(options.ensemble)
  if (descriptors.limit < descriptors.needed) await refuseToStart(options, remarks, descriptors)
  const tls = await loadTls(options, remarks)
  const peerTls = await loadPeerTls(options, remarks)
  const kerberos = await loadKerberos(options, remarks)
  const locks = await lockFolders(options, remarks)
  const lockFiles = locks.map(({ path }) => path)
  const context = peerTls?.context ?? null
  const threads = await startThreads(options, descriptors, lockFiles, context)
  const logger = await openLogger(options, remarks)
  const onError = endOnError(logger)
  if (threads instanceof Error) {
    logger.fatal(`cannot start the threads: ${threads.message}`)
    process.exit(ExitCode.unexpected)
  }
  sayDescriptors(logger, options, descriptors)
  const [{ Server }, { fourLetterWords }] = await Promise.all([
    import('../server.ts'),
    import('../net/words/four-letter-words.ts'),
  ])
  const onFatal = (problem: string, why: Fatal): void => {
    logger.fatal({ problem }, LAST_WORDS[why])
    const code = why === 'failed' ? ExitCode.unexpected : ExitCode.dataDir
    void facts.endProcess(code, server.closeAudit())
  }
  const started = { descriptors, threads, tls, kerberos }
  const server = new Server(options, logger, fourLetterWords, onFatal, started)
  const facts = new KeptFacts(server.facts, options.dataLogDir, logger)
  // What the threads saw since they were started came after it.
  const { startedWallMs: wallMs } = threads
  server.facts.add({ wallMs, actor: 'server', event: 'started', fields: { pid: process.pid } })
  const opened = facts.open()
  onError.server = server
  stopOnSignal(server, locks, logger, facts)
  reportOnSignal(server, logger)
  const address = options.clientPortAddress ?? '0.0.0.0'
  try {
    if (options.clientPort >= 0) logger.info(`binding to port ${address}:${options.clientPort}`)
    for (const remark of [...(tls?.remarks ?? []), ...(peerTls?.remarks ?? [])]) logger.warn(remark)
    const port = await server.start()
    peerTls?.watch((context) => threads.replacePeerCredentials(context), logger)
    await announce(logger, options, address, port, server.network.securePort)
    onListening(port)
  } catch (error) {
    const { message, syscall } = error as NodeJS.ErrnoException
    const problem = `cannot listen on ${address}:${options.clientPort}: ${message}`
    logger.fatal(problem)
    server.facts.note('failed', { problem })
    // As with ZooKeeper, a clientPortAddress that does not resolve is a configuration error.
    const isMistake = syscall === 'getaddrinfo'
    const code = isMistake ? ExitCode.invocation : ExitCode.unexpected
    await facts.endProcess(code, server.closeAudit())
  }
  // After the client port: what this loads would make the start longer.
  await opened
  await openForOperators(server, options, logger)
}

/** What shows a server, or tells of it. It loads much. */
async function openForOperators(
  server: Server,
  options: ServerOptions,
  logger: Logger,
): Promise<void> {
  const { openOperatorsHttp } = await import('../admin/operators-http.ts')
  await openOperatorsHttp(server, options, logger)
  if (options.otlpEndpoint === null) return
  const { openTelemetry } = await import('../telemetry/telemetry.ts')
  await openTelemetry(server, options.otlpEndpoint, logger)
}

/** The threads, or why there are none: a limit of the system's. Loaded here, because a process
 * needs a descriptor for each file that it loads at once, and must first be able to say that it
 * has too few. */
async function startThreads(
  ...args: ConstructorParameters<typeof Threads>
): Promise<Threads | Error> {
  const loaded = await import('../thread/threads.ts')
  try {
    return new loaded.Threads(...args)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** An error that nobody has caught is logged, where everything else is. Once there is a server, it is
 * the server's failure. */
function endOnError(logger: Logger): { server: Server | null } {
  const on: { server: Server | null } = { server: null }
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'an error that nobody caught')
    if (on.server === null) endProcess(ExitCode.unexpected)
    on.server.fail(error.message)
  })
  return on
}

async function openLogger(options: ServerOptions, remarks: readonly Remark[]): Promise<Logger> {
  const { createLogger } = await import('./logger.ts')
  const logger = createLogger(options.logLevel)
  for (const { level, text } of remarks) logger[level](text)
  return logger
}

/** Whoever started the server waits for these words, so they are printed whatever the log leaves
 * out. A member serves nobody until there is a leader. */
async function announce(
  logger: Logger,
  { ensemble, dataDir }: ServerOptions,
  address: string,
  port: number,
  securePort: number,
): Promise<void> {
  const ports = [
    ...(port < 0 ? [] : [`${address}:${port}`]),
    ...(securePort < 0 ? [] : [`port ${securePort} over TLS`]),
  ]
  const where = ports.length === 0 ? ', as there is no clientPort' : ` on ${ports.join(' and ')}`
  const words = ensemble === null ? 'serving clients' : 'listening for clients'
  const all = ports.length === 0 ? `not ${words}` : words
  const fields = { address, port, ...(securePort >= 0 && { securePort }), dataDir }
  if (logger.isLevelEnabled('info')) logger.info(fields, all)
  else (await import('./logger.ts')).say(all + where)
}

async function refuseToStart(
  options: ServerOptions,
  remarks: readonly Remark[],
  { limit, needed }: DescriptorPlan,
): Promise<never> {
  const logger = await openLogger(options, remarks)
  logger.fatal(tooFew(limit, needed))
  process.exit(ExitCode.unexpected)
}

function sayDescriptors(
  logger: Logger,
  { maxCnxns }: ServerOptions,
  { limit, clients }: DescriptorPlan,
): void {
  if (!Number.isFinite(limit)) return
  const shares = { limit, own: limit - clients, clients }
  if (clients >= maxCnxns) logger.info(shares, 'file descriptors')
  else logger.warn({ ...shares, maxCnxns }, 'fewer file descriptors than maxCnxns needs')
}

/** Null: no TLS. Loaded only where it is asked for. */
async function loadTls(
  options: ServerOptions,
  remarks: readonly Remark[],
): Promise<ClientTls | null> {
  if (!takesTls(options)) return null
  const { ClientTls } = await import('../net/tls/client-tls.ts')
  return orRefuse(ClientTls.load(options), 'clients', options, remarks)
}

/** Null: no TLS between servers. */
async function loadPeerTls(
  options: ServerOptions,
  remarks: readonly Remark[],
): Promise<PeerCredentials | null> {
  const { ensemble } = options
  if (ensemble === null || !peersTakeTls(ensemble)) return null
  const { PeerCredentials } = await import('./peer-credentials.ts')
  return orRefuse(PeerCredentials.load(ensemble), 'other servers', options, remarks)
}

/** Null: clients do not come with Kerberos. Also checks whether members can. */
async function loadKerberos(
  options: ServerOptions,
  remarks: readonly Remark[],
): Promise<KerberosService | null> {
  await checkPeerKerberos(options, remarks)
  if (options.saslKerberos === null) return null
  const { KerberosService } = await import('../kerberos/kerberos.ts')
  const loading = KerberosService.forClients(options.saslKerberos, options)
  return orSayWhyNot(loading, 'no client can authenticate with SASL', options, remarks)
}

/** Each thread that has sockets loads its own, from the configuration that the library is told of here. */
async function checkPeerKerberos(
  options: ServerOptions,
  remarks: readonly Remark[],
): Promise<void> {
  const { quorumAuth, krb5Conf } = options
  if (!usesKerberos(quorumAuth)) return
  const { PeerKerberos } = await import('../kerberos/peer-kerberos.ts')
  const loading = PeerKerberos.load(quorumAuth, krb5Conf)
  await orSayWhyNot(loading, 'members cannot authenticate with SASL', options, remarks)
}

/** What has been loaded; ends the process if that is not possible. */
async function orSayWhyNot<T>(
  loading: Promise<T>,
  what: string,
  options: ServerOptions,
  remarks: readonly Remark[],
): Promise<T> {
  try {
    return await loading
  } catch (error) {
    const logger = await openLogger(options, remarks)
    logger.fatal(`${what}: ${(error as Error).message}`)
    process.exit(ExitCode.invocation)
  }
}

/** What has been loaded; ends the process if a store is no good. */
async function orRefuse<T>(
  loading: Promise<T>,
  whom: string,
  options: ServerOptions,
  remarks: readonly Remark[],
): Promise<T> {
  try {
    return await loading
  } catch (error) {
    const { StoreError } = await import('../tls/stores/raw-store.ts')
    if (!(error instanceof StoreError)) throw error
    const logger = await openLogger(options, remarks)
    logger.fatal(`no TLS for ${whom}: ${error.message}`)
    process.exit(ExitCode.invocation)
  }
}

/** As ZooKeeper does before it may rewrite the file; it does not start if it cannot. */
async function backUpConfiguration(
  options: ServerOptions,
  remarks: readonly Remark[],
): Promise<void> {
  const { ensemble, reconfigEnabled, configurationPath } = options
  if (ensemble === null || !reconfigEnabled || configurationPath === null) return
  const { configFiles } = await import('../disk/config-folder.ts')
  try {
    configFiles(configurationPath, ensemble.serverId).backUp()
  } catch (error) {
    const logger = await openLogger(options, remarks)
    const { message } = error as Error
    logger.fatal(
      `reconfigEnabled=true, but no file can be written beside the configuration: ${message}`,
    )
    process.exit(ExitCode.invocation)
  }
}

async function lockFolders(
  options: ServerOptions,
  remarks: readonly Remark[],
): Promise<DataLock[]> {
  try {
    const folders = new Set([options.dataDir, options.dataLogDir])
    const ifMissing = options.datadirAutocreate ? 'create' : 'refuse'
    const locks = [...folders].map((folder) => DataLock.take(folder, ifMissing))
    await backUpConfiguration(options, remarks)
    return locks
  } catch (error) {
    if (!(error instanceof DataLockError)) throw error
    const logger = await openLogger(options, remarks)
    logger.fatal(error.message)
    process.exit(ExitCode.dataDir)
  }
}

/** Signals that would make Node open a debugger's port, or that would end the process. Call it as
 * early as possible; `serve` gives SIGQUIT its meaning. Writing to a closed pipe, or beyond a
 * file's limit, sends no signal, because Node ignores those. */
export function ignoreSignals(): void {
  for (const signal of ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
    process.on(signal, () => undefined)
  }
}

function reportOnSignal(server: Server, logger: Logger): void {
  let isReporting = false
  process.on('SIGQUIT', async () => {
    if (isReporting) return
    isReporting = true
    try {
      await server.report()
    } catch (error) {
      logger.error({ err: error }, 'no report')
    }
    isReporting = false
  })
}

function stopOnSignal(
  server: Server,
  locks: readonly DataLock[],
  logger: Logger,
  facts: KeptFacts,
): void {
  let stopping = false
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) endProcess(ExitCode.unexpected)
    stopping = true
    logger.info({ signal }, 'stopping')
    server.facts.note('stopping', { signal })
    const deadline = setTimeout(() => {
      logger.warn('a client did not take its last replies, or the disk hangs; ending all the same')
      endProcess(ExitCode.finished)
    }, STOP_MS_MAX)
    await server.stop()
    server.facts.note('stopped')
    await facts.flushed()
    clearTimeout(deadline)
    for (const lock of locks) lock.release()
    logger.info('stopped')
    endProcess(ExitCode.finished)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void stop(signal))
  }
}
