// zkSnapShotToolkit: prints a snapshot's nodes and sessions, or its sizes for ncdu (ZooKeeper's
// SnapshotFormatter). The file is read twice: ZooKeeper's output begins with the number of nodes.

import { existsSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { sortedSnapshots } from '../../actors/log/files/file-names.ts'
import {
  type NodeStat,
  type SnapshotItem,
  snapshotItems,
} from '../../runtime/disk/snapshot-items.ts'
import { type Output, Progress, ToolError } from './output.ts'

const BAD_INVOCATION = 2
const USAGE = `USAGE: SnapshotFormatter [-d|-json] snapshot_file
       -d dump the data for each znode
       -json dump znode info in json format`
/** As in ZooKeeper, where the first one has the next number. */
const INODE_START = 1000

type Node = Extract<SnapshotItem, { kind: 'node' }>

/** The exit code. Throws ToolError and SnapshotError. */
export async function snapshotToolkit(args: readonly string[], output: Output): Promise<number> {
  const options = args.filter((arg) => arg === '-d' || arg === '-json')
  const [path, ...more] = args.slice(options.length)
  if (path === undefined || more.length > 0) throw new ToolError(USAGE, BAD_INVOCATION)
  requireFile(path)
  const [withData, asJson] = [options.includes('-d'), options.includes('-json')]
  if (withData && asJson) {
    throw new ToolError(
      'Cannot specify both data dump (-d) and json mode (-json) in same call',
      BAD_INVOCATION,
    )
  }
  const sessions = await survey(path)
  if (asJson) await printJson(path, output)
  else await printDetails(path, withData, sessions, output)
  return 0
}

/** Throws ToolError, in ZooKeeper's words. */
export function requireFile(path: string): void {
  const full = resolve(path)
  if (!existsSync(path)) throw new ToolError(`File '${full}' does not exist.`, BAD_INVOCATION)
  if (!statSync(path).isFile()) {
    throw new ToolError(`'${full}' is a directory. it must be a file.`, BAD_INVOCATION)
  }
}

interface Survey {
  nodes: number
  ephemerals: Map<bigint, number>
  sessions: Map<bigint, number>
}

/** Whether the file is whole is known before anything is printed. */
async function survey(path: string): Promise<Survey> {
  const found: Survey = { nodes: 0, ephemerals: new Map(), sessions: new Map() }
  const progress = progressOf(path)
  for await (const item of snapshotItems(path, (count) => progress.add(count))) {
    if (item.kind === 'session') found.sessions.set(item.id, item.timeoutMs)
    if (item.kind !== 'node') continue
    found.nodes++
    const owner = item.stat.ephemeralOwner
    if (owner !== 0n) found.ephemerals.set(owner, (found.ephemerals.get(owner) ?? 0) + 1)
  }
  return found
}

function progressOf(path: string): Progress {
  const isPlain = !/\.(gz|snappy)$/.test(path)
  return new Progress(basename(path), isPlain ? statSync(path).size : 0)
}

async function printDetails(
  path: string,
  withData: boolean,
  { nodes, ephemerals, sessions }: Survey,
  output: Output,
): Promise<void> {
  // ZooKeeper counts the root by both its names.
  output.line(`ZNode Details (count=${nodes + 1}):`)
  let last = BigInt(sortedSnapshots([basename(path)])[0]?.zxid ?? 0)
  let digest: string | null = null
  for await (const item of snapshotItems(path)) {
    if (item.kind === 'end' && item.digest !== null) {
      const value = BigInt.asIntN(64, item.digest.value)
      digest = `Target zxid digest is: ${item.digest.zxid.toString(16)}, ${value}`
    }
    if (item.kind !== 'node') continue
    printNode(item, withData, output)
    for (const zxid of [item.stat.mzxid, item.stat.pzxid]) if (zxid > last) last = zxid
  }
  output.line('----')
  output.line('Session Details (sid, timeout, ephemeralCount):')
  for (const [id, timeoutMs] of sessions) {
    output.line(`${hex16(id)}, ${timeoutMs}, ${ephemerals.get(id) ?? 0}`)
  }
  if (digest !== null) output.line(digest)
  output.line('----')
  output.line(`Last zxid: 0x${last.toString(16)}`)
}

function printNode({ path, data, stat }: Node, withData: boolean, output: Output): void {
  const content = withData
    ? `data = ${data === null ? '' : Buffer.from(data).toString('base64')}`
    : `dataLength = ${data?.length ?? 0}`
  output.line(`----\n${path}\n${statText(stat)}\n  ${content}`)
}

function statText(stat: NodeStat): string {
  return [
    `  cZxid = ${hex16(stat.czxid)}`,
    `  ctime = ${javaDate(stat.ctimeMs)}`,
    `  mZxid = ${hex16(stat.mzxid)}`,
    `  mtime = ${javaDate(stat.mtimeMs)}`,
    `  pZxid = ${hex16(stat.pzxid)}`,
    `  cversion = ${stat.cversion}`,
    `  dataVersion = ${stat.version}`,
    `  aclVersion = ${stat.aversion}`,
    `  ephemeralOwner = ${hex16(stat.ephemeralOwner)}`,
  ].join('\n')
}

/** Java's %#016x: sixteen characters with the 0x. */
function hex16(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16).padStart(14, '0')}`
}

const DATE_PARTS: Intl.DateTimeFormat = new Intl.DateTimeFormat('en-US', {
  weekday: 'short',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  year: 'numeric',
  timeZoneName: 'short',
})

/** Java's Date.toString(): Thu Jan 01 00:00:00 UTC 1970. */
function javaDate(ms: number): string {
  const part = Object.fromEntries(
    DATE_PARTS.formatToParts(ms).map(({ type, value }) => [type, value]),
  )
  const time = `${part['hour']}:${part['minute']}:${part['second']}`
  return `${part['weekday']} ${part['month']} ${part['day']} ${time} ${part['timeZoneName']} ${part['year']}`
}

/** The export format of ncdu: a leaf is an object, a node with children an array that begins with its own.
 * A node is printed when the next one shows whether it has children. */
async function printJson(path: string, output: Output): Promise<void> {
  const head = { progname: 'SnapshotFormatter.java', progver: '0.01', timestamp: Date.now() }
  output.write(`[1,0,${JSON.stringify(head)}`)
  const open: string[] = []
  let pending: { path: string; text: string } | null = null
  let inode = INODE_START
  for await (const item of snapshotItems(path)) {
    if (item.kind !== 'node') continue
    if (pending !== null) {
      const isParent = isBelow(item.path, pending.path)
      output.write(`,${isParent ? '[' : ''}${pending.text}`)
      if (isParent) open.push(pending.path)
    }
    while (open.length > 0 && !isBelow(item.path, open.at(-1) ?? '')) {
      output.write(']')
      open.pop()
    }
    const length = item.data?.length ?? 0
    const name = item.path === '/' ? '/' : item.path.slice(item.path.lastIndexOf('/') + 1)
    const text = JSON.stringify({ name, asize: length, dsize: length, dev: 0, ino: ++inode })
    pending = { path: item.path, text }
  }
  if (pending !== null) output.write(`,${pending.text}`)
  output.write(`${']'.repeat(open.length)}]\n`)
}

function isBelow(path: string, above: string): boolean {
  return path !== '/' && path.startsWith(above === '/' ? '/' : `${above}/`)
}
