// `ringkeeper restore --path`: connects, shows the difference between the backup and the server, and unless that is
// all, writes it.

import { readFileSync } from 'node:fs'
import { Client } from '../../../client/client.ts'
import type { ConnectionState } from '../../../client/connection-options.ts'
import { pathProblem } from '../../../client/path.ts'
import { ZkError } from '../../../client/zk-error.ts'
import { formatZxid } from '../../../protocol/zxid.ts'
import { type ClientAccess, clientAccess } from '../../client-access.ts'
import { ToolError } from '../../tools/output.ts'
import type { Plan } from '../restore.ts'
import { type Choices, type Difference, difference, type Step } from './difference.ts'
import { foundNodes } from './found.ts'
import { isExcluded } from './limits.ts'
import { wantedNodes } from './wanted.ts'
import { refused, writeSubtree } from './writing.ts'

const BAD_INVOCATION = 2
const SESSION_TIMEOUT_MS = 30_000
/** How long no server may be reached before that is an error. */
const UNREACHED_MS_MAX = 10_000
const SHOWN_MAX = 50
const SAY_EVERY = 10_000

export interface PathRestore extends Choices {
  readonly path: string
  /** `host:port[,host:port...][/chroot]` */
  readonly servers: string
  readonly dryRun: boolean
  /** A file of identities, one `scheme:auth` a line; null: none. */
  readonly authFile: string | null
  /** A file of properties, as zkCli.sh takes it; null: none. */
  readonly clientConfiguration: string | null
}

/** Throws ToolError if the path is none that can be restored. */
export function checkPath(path: string): void {
  const problem = pathProblem(path)
  if (problem !== null) throw new ToolError(`--path ${path}: ${problem}`, BAD_INVOCATION)
  if (!isExcluded(path)) return
  throw new ToolError(`--path ${path}: /zookeeper is the server's own`, BAD_INVOCATION)
}

/** Throws ToolError. */
export async function restorePath(plan: Plan, asked: PathRestore): Promise<void> {
  const identities = asked.authFile === null ? [] : identitiesIn(asked.authFile)
  const access = await clientAccess(asked.clientConfiguration, warn)
  const wanted = wantedNodes(plan, asked.path)
  say(`${asked.path} of the backup, at ${formatZxid(plan.lastZxid)}: ${wanted.size} nodes.`)
  await withClient(asked.servers, access, async (client, connected) => {
    await connected()
    for (const [scheme, auth] of identities) await client.addAuth(scheme, Buffer.from(auth))
    const found = await foundNodes(client, asked.path)
    show(difference(wanted, found, asked))
    if (asked.dryRun) return
    let [done, said] = [0, 0]
    const onSteps = (count: number): void => {
      done += count
      if (done - said < SAY_EVERY) return
      said = done
      warn(`${done} writes done`)
    }
    const written = await writeSubtree(client, asked.path, wanted, asked, { onSteps, connected })
    const { left, steps, rounds } = written
    say(`Done: ${steps} writes.`)
    if (rounds === 1) return
    say(
      `Others wrote there meanwhile, so the difference was worked out ${rounds} times. In the end:`,
    )
    for (const line of leftLines(left)) say(line)
  }).catch((error: unknown) => {
    throw error instanceof ZkError ? refused(error, asked.path) : error
  })
}

async function withClient(
  servers: string,
  access: ClientAccess,
  work: (client: Client, connected: () => Promise<void>) => Promise<void>,
): Promise<void> {
  let fail: (error: ToolError) => void = () => undefined
  const lost = new Promise<never>((_, reject) => {
    fail = reject
  })
  let problem = ''
  const unreached = (): void => {
    const why = problem === '' ? '' : `: ${problem}`
    fail(new ToolError(`no server of ${servers} could be reached${why}`, 1))
  }
  const waiting: (() => void)[] = []
  let timer: NodeJS.Timeout | null = setTimeout(unreached, UNREACHED_MS_MAX)
  const onState = (state: ConnectionState): void => {
    if (timer !== null) clearTimeout(timer)
    timer = state === 'connecting' ? setTimeout(unreached, UNREACHED_MS_MAX) : null
    if (state === 'connected') for (const go of waiting.splice(0)) go()
    if (state === 'expired') fail(new ToolError('the session expired: run it again', 1))
    if (state === 'authFailed') fail(new ToolError(`${servers} does not accept the identity`, 1))
  }
  const client = new Client({
    servers,
    ...access,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    onState,
    onProblem: (text) => {
      problem = text
    },
  })
  const connected = (): Promise<void> =>
    new Promise((resolve) => {
      if (client.connection.state === 'connected') resolve()
      else waiting.push(resolve)
    })
  try {
    await Promise.race([work(client, connected), lost])
    await Promise.race([client.close(), lost])
  } finally {
    if (timer !== null) clearTimeout(timer)
    client.connection.abandon()
  }
}

function identitiesIn(file: string): [scheme: string, auth: string][] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines.map((line, i) => {
    const colon = line.indexOf(':')
    if (colon > 0) return [line.slice(0, colon), line.slice(colon + 1).trimEnd()]
    throw new ToolError(`${file}, line ${i + 1}: must be scheme:auth`, BAD_INVOCATION)
  })
}

function show(found: Difference): void {
  const counts = (['delete', 'create', 'set', 'acl'] as const).map((kind) => {
    return `${found.steps.filter((step) => step.kind === kind).length} ${WORDS[kind]}`
  })
  say(found.steps.length === 0 ? 'Nothing to write.' : `To write: ${counts.join(', ')}.`)
  for (const { kind, path } of found.steps.slice(0, SHOWN_MAX)) say(`  ${kind} ${path}`)
  if (found.steps.length > SHOWN_MAX) say(`  and ${found.steps.length - SHOWN_MAX} more`)
  for (const line of leftLines(found)) say(line)
}

const WORDS: Readonly<Record<Step['kind'], string>> = {
  delete: 'deletes',
  create: 'creates',
  set: 'sets of data',
  acl: 'sets of access lists',
}

function leftLines({ ephemerals, extra, blocked }: Difference): string[] {
  return [
    ...counted('ephemeral in the backup, left out', ephemerals),
    ...counted('on the server only, left there', extra),
    ...counted('left out, as an ephemeral node of the server is in the way', blocked),
  ]
}

function counted(what: string, paths: readonly string[]): string[] {
  if (paths.length === 0) return []
  const more = paths.length > SHOWN_MAX ? [`  and ${paths.length - SHOWN_MAX} more`] : []
  return [
    `${paths.length} ${what}:`,
    ...paths.slice(0, SHOWN_MAX).map((path) => `  ${path}`),
    ...more,
  ]
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function warn(line: string): void {
  process.stderr.write(`${line}\n`)
}
