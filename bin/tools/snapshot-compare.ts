// zkSnapshotComparer: which subtrees of two snapshots differ in size, depth by depth (ZooKeeper's
// SnapshotComparer). Sizes are kept in memory, data is not.

import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type Output, ToolError } from './output.ts'
import { type SizedNode, sizedTree } from './sizes.ts'
import { requireFile } from './snapshot-text.ts'

const BAD_INVOCATION = 2
const USAGE = `usage: java -cp <classPath> org.apache.zookeeper.server.SnapshotComparer
 -b,--bytes <BYTETHRESHOLD>   (Required) The node data delta size threshold, in bytes, for printing the node.
 -d,--debug                   Use debug output.
 -i,--interactive             Enter interactive mode.
 -l,--left <LEFT>             (Required) The left snapshot file.
 -n,--nodes <NODETHRESHOLD>   (Required) The descendant node delta size threshold, in nodes, for printing the node.
 -r,--right <RIGHT>           (Required) The right snapshot file.`
const REQUIRED = ['left', 'right', 'bytes', 'nodes'] as const
const SECOND_MS = 1000

interface Thresholds {
  readonly bytes: number
  readonly nodes: number
  readonly debug: boolean
  /** What is below the thresholds is named as well. */
  readonly interactive: boolean
}

/** Levels of a tree, each in the order of paths. */
type Levels = readonly (readonly SizedNode[])[]

export async function snapshotComparer(args: readonly string[], output: Output): Promise<number> {
  const { left, right, bytes, nodes, debug, interactive } = requestOf(args, output)
  requireFile(left)
  requireFile(right)
  const thresholds = { bytes, nodes, debug, interactive: false }
  output.line('Successfully parsed options!')
  const leftLevels = await levelsOf(left, output)
  const rightLevels = await levelsOf(right, output)
  for (const levels of [leftLevels, rightLevels]) describe(levels, output)
  if (interactive) {
    await answer(leftLevels, rightLevels, { ...thresholds, interactive }, output)
  } else {
    sayThresholds(thresholds, output)
    const depths = Math.max(leftLevels.length, rightLevels.length)
    for (let depth = 0; depth < depths; depth++) {
      compareDepth(leftLevels, rightLevels, depth, thresholds, output)
    }
    output.line('All layers compared.')
  }
  return 0
}

function requestOf(args: readonly string[], output: Output) {
  try {
    const text = (short: string) => ({ type: 'string', short }) as const
    const { values } = parseArgs({
      args: [...args],
      options: {
        left: text('l'),
        right: text('r'),
        bytes: text('b'),
        nodes: text('n'),
        debug: { type: 'boolean', short: 'd', default: false },
        interactive: { type: 'boolean', short: 'i', default: false },
      },
    })
    const missing = REQUIRED.filter((name) => values[name] === undefined).map((name) => name[0])
    if (missing.length > 0) throw new Error(`Missing required options: ${missing.join(', ')}`)
    const { left = '', right = '', debug, interactive } = values
    const bytes = numberOf('--bytes', values.bytes ?? '')
    const nodes = numberOf('--nodes', values.nodes ?? '')
    return { left, right, bytes, nodes, debug, interactive }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    output.line(USAGE)
    throw new ToolError(problem, BAD_INVOCATION)
  }
}

function numberOf(name: string, text: string): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  throw new Error(`${name} ${text}: must be a number`)
}

async function levelsOf(path: string, output: Output): Promise<Levels> {
  const beganMs = performance.now()
  const root = await sizedTree(path)
  const readMs = performance.now()
  const levels: SizedNode[][] = []
  for (let level = [root]; level.length > 0; level = level.flatMap(({ children }) => children)) {
    levels.push(level.sort((a, b) => order(a.path, b.path)))
  }
  const seconds = (ms: number): string => (ms / SECOND_MS).toFixed(6)
  const name = basename(path)
  output.line(`Deserialized snapshot in ${name} in ${seconds(readMs - beganMs)} seconds`)
  output.line(`Processed data tree in ${seconds(performance.now() - readMs)} seconds`)
  return levels
}

function describe(levels: Levels, output: Output): void {
  const root = levels[0]?.[0]
  output.line(`Node count: ${(root?.descendants ?? 0) + 1}`)
  output.line(`Total size: ${root?.bytes ?? 0}`)
  output.line(`Max depth: ${levels.length}`)
  levels.forEach((level, depth) => {
    output.line(`Count of nodes at depth ${depth}: ${level.length}`)
  })
  output.line('')
}

function sayThresholds({ bytes, nodes }: Thresholds, output: Output): void {
  output.line(
    `Printing analysis for nodes difference larger than ${bytes} bytes or node count difference larger than ${nodes}.`,
  )
}

function compareDepth(
  left: Levels,
  right: Levels,
  depth: number,
  thresholds: Thresholds,
  output: Output,
): void {
  output.line(`Analysis for depth ${depth}`)
  compare(left[depth] ?? [], right[depth] ?? [], thresholds, output)
}

/** Both in the order of paths. */
function compare(
  left: readonly SizedNode[],
  right: readonly SizedNode[],
  thresholds: Thresholds,
  output: Output,
): void {
  const { debug } = thresholds
  let [l, r] = [0, 0]
  while (l < left.length || r < right.length) {
    const [a, b] = [left[l], right[r]]
    if (a !== undefined && b !== undefined && debug) {
      output.line(`Comparing ${a.path} to ${b.path}`)
    }
    const way = a === undefined ? 1 : b === undefined ? -1 : order(a.path, b.path)
    if (a !== undefined && b !== undefined && debug) {
      output.line(way === 0 ? 'same' : way < 0 ? 'left is less' : 'right is less')
    }
    if (way === 0 && a !== undefined && b !== undefined) printBoth(a, b, thresholds, output)
    else if (way < 0 && a !== undefined) printOne(a, 'left', thresholds, output)
    else if (b !== undefined) printOne(b, 'right', thresholds, output)
    if (way <= 0) l++
    if (way >= 0) r++
  }
}

function printOne(
  { path, bytes, descendants }: SizedNode,
  side: 'left' | 'right',
  thresholds: Thresholds,
  output: Output,
): void {
  if (bytes > thresholds.bytes || descendants > thresholds.nodes) {
    output.line(
      `Node ${path} found only in ${side} tree. Descendant size: ${bytes}. Descendant count: ${descendants}`,
    )
  } else if (thresholds.debug || thresholds.interactive)
    output.line(`Filtered ${side} node ${path} of size ${bytes}`)
}

function printBoth(a: SizedNode, b: SizedNode, thresholds: Thresholds, output: Output): void {
  const bytes = b.bytes - a.bytes
  const nodes = b.descendants - a.descendants
  if (Math.abs(bytes) > thresholds.bytes || Math.abs(nodes) > thresholds.nodes) {
    output.line(`Node ${a.path} found in both trees. Delta: ${bytes} bytes, ${nodes} descendants`)
  } else if (thresholds.debug || thresholds.interactive) {
    output.line(`Filtered node ${a.path} of left size ${a.bytes}, right size ${b.bytes}`)
  }
}

const PROMPT = `- Press enter to move to print current depth layer;
- Type a number to jump to and print all nodes at a given depth;
- Enter an ABSOLUTE path to print the immediate subtree of a node. Path must start with '/'.`

/** Depths and paths that are typed, or the next depth for an empty line. */
async function answer(
  left: Levels,
  right: Levels,
  thresholds: Thresholds,
  output: Output,
): Promise<void> {
  const last = Math.max(left.length, right.length) - 1
  let depth = 0
  const prompt = (): void => {
    output.line(`Current depth is ${depth}\n${PROMPT}`)
    output.flush()
  }
  prompt()
  for await (const line of createInterface({ input: process.stdin })) {
    const typed = line.trim()
    sayThresholds(thresholds, output)
    const wanted = typed === '' ? depth : /^-?\d{1,6}$/.test(typed) ? Number(typed) : null
    if (wanted !== null && wanted >= 0 && wanted <= last) {
      compareDepth(left, right, wanted, thresholds, output)
      depth = typed === '' ? wanted + 1 : wanted
    } else if (typed.startsWith('/')) compareBelow(left, right, typed, thresholds, output)
    else output.line(rangeText(typed, last, wanted !== null))
    if (wanted === null || wanted <= last) output.line('')
    if (depth > last) break
    prompt()
  }
  output.line('All layers compared.')
}

function rangeText(typed: string, last: number, isNumber: boolean): string {
  const range = `Depth must be in range [0, ${last}]`
  if (isNumber) return range
  return `Input ${typed} is not valid. ${range}. Path must be an absolute path which starts with '/'.`
}

function compareBelow(
  left: Levels,
  right: Levels,
  path: string,
  thresholds: Thresholds,
  output: Output,
): void {
  output.line(`Analysis for node ${path}`)
  const wanted = path === '/' ? '' : path
  const depth = wanted.split('/').length - 1
  const found = [left, right].map((levels) => levels[depth]?.find((node) => node.path === wanted))
  if (found.every((node) => node === undefined)) {
    output.line(`Path ${path} is neither found in left tree nor right tree.`)
    return
  }
  const [a = [], b = []] = found.map((node) =>
    [...(node?.children ?? [])].sort((one, other) => order(one.path, other.path)),
  )
  compare(a, b, thresholds, output)
}

/** As Java's String.compareTo: by UTF-16 units. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
