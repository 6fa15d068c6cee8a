// From V8's CPU profile of one thread to a tree of calls and to the time of each function.
//
// A profile is a list of samples, each a call stack that was seen at a moment. A sample stands for
// the time until the next. A thread that waits for its bell is asleep, and counts as one that waits
// for its event loop; the tree has only what it did while it was awake.

/** As V8 writes it; times in microseconds of the machine's monotonic clock. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly startTime: number
  readonly endTime: number
  /** Ids of nodes. */
  readonly samples: readonly number[]
  /** From the sample before, or from the start. Now and then negative: samples are sorted late. */
  readonly timeDeltas: readonly number[]
}

export interface ProfileNode {
  readonly id: number
  readonly callFrame: CallFrame
  readonly children?: readonly number[]
}

/** A function: where it begins in compiled code, counted from 0. */
export interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
  readonly columnNumber: number
}

/** Microseconds of the same clock. */
export interface Span {
  readonly fromUs: number
  readonly toUs: number
}

export interface Call {
  readonly label: string
  /** With what it called. */
  us: number
  readonly children: Map<string, Call>
}

/** What a thread does: nothing, wait for the disk, collect garbage, run native code that no
 * function of ours called, or run functions. */
export type Doing = 'asleep' | 'disk' | 'garbage' | 'native' | 'code'

export interface Folded {
  readonly samples: number
  readonly us: Readonly<Record<Doing, number>>
  /** All stacks of a thread that is awake. */
  readonly root: Call
  /** By function, without what it called, the most first. */
  readonly self: readonly (readonly [label: string, us: number])[]
}

/** `labelOf` names a function for people, the same for the same function. */
export function fold(
  profile: CpuProfile,
  span: Span,
  labelOf: (frame: CallFrame) => string,
): Folded {
  const { selfUs, samples } = timeOfNodes(profile, span)
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map<number, number>()
  for (const { id, children } of profile.nodes) {
    for (const child of children ?? []) parents.set(child, id)
  }
  const us = { asleep: 0, disk: 0, garbage: 0, native: 0, code: 0 }
  const root: Call = { label: '(awake)', us: 0, children: new Map() }
  const self = new Map<string, number>()
  for (const [id, spent] of selfUs) {
    const stack = stackOf(id, nodes, parents)
    const leaf = stack.at(-1)
    const doing = leaf === undefined ? 'native' : doingOf(leaf)
    us[doing] += spent
    if (doing === 'asleep') continue
    const labels = stack.map(labelOf)
    add(root, labels, spent)
    const label = labels.at(-1) ?? '(root)'
    self.set(label, (self.get(label) ?? 0) + spent)
  }
  return { samples, us, root, self: [...self].sort(([, a], [, b]) => b - a) }
}

/** How long each node was the innermost, within the span. */
function timeOfNodes(
  { samples, timeDeltas, startTime, endTime }: CpuProfile,
  { fromUs, toUs }: Span,
): { selfUs: Map<number, number>; samples: number } {
  const selfUs = new Map<number, number>()
  let count = 0
  let atUs = startTime
  samples.forEach((id, i) => {
    atUs += timeDeltas[i] ?? 0
    const delta = timeDeltas[i + 1]
    const nextUs = delta === undefined ? endTime : atUs + delta
    const spent = Math.min(nextUs, toUs) - Math.max(atUs, fromUs)
    if (spent <= 0) return
    count++
    selfUs.set(id, (selfUs.get(id) ?? 0) + spent)
  })
  return { selfUs, samples: count }
}

/** Outermost first, without V8's root. */
function stackOf(
  id: number,
  nodes: ReadonlyMap<number, ProfileNode>,
  parents: ReadonlyMap<number, number>,
): CallFrame[] {
  const stack: CallFrame[] = []
  let at: number | undefined = id
  while (at !== undefined) {
    const frame = nodes.get(at)?.callFrame
    if (frame !== undefined && frame.functionName !== '(root)') stack.push(frame)
    at = parents.get(at)
  }
  return stack.reverse()
}

function doingOf({ functionName, url }: CallFrame): Doing {
  if (functionName === '(idle)') return 'asleep'
  if (functionName === 'park' && url.endsWith('/runtime/doorbell.js')) return 'asleep'
  // The pool's way of waiting for a job.
  if (functionName === 'atomicsWaitLoop') return 'asleep'
  if (functionName === '(garbage collector)') return 'garbage'
  if (functionName === '(program)') return 'native'
  if (url === '' && /^f(data)?sync$/.test(functionName)) return 'disk'
  return 'code'
}

function add(root: Call, labels: readonly string[], us: number): void {
  root.us += us
  let call = root
  for (const label of labels) {
    let child = call.children.get(label)
    if (child === undefined) {
      child = { label, us: 0, children: new Map() }
      call.children.set(label, child)
    }
    child.us += us
    call = child
  }
}
