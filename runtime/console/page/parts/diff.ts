// What a change changes, line by line. A pure function.

export interface Changed {
  readonly kind: 'same' | 'added' | 'removed'
  readonly line: string
}

/** Lines that are compared one with another; longer changes are shown as a whole. */
const COMPARED_MAX = 400
/** Lines that are shown around a change. */
const AROUND = 3

export function diffOf(before: string, after: string): Changed[] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end))
    end++
  const same = (line: string): Changed => ({ kind: 'same', line })
  const middle = middleOf(a.slice(start, a.length - end), b.slice(start, b.length - end))
  return [
    ...a.slice(Math.max(0, start - AROUND), start).map(same),
    ...middle,
    ...a.slice(a.length - end, a.length - end + AROUND).map(same),
  ]
}

function middleOf(a: readonly string[], b: readonly string[]): Changed[] {
  if (a.length > COMPARED_MAX || b.length > COMPARED_MAX) {
    return [...a.map(removed), ...b.map(added)]
  }
  // How many lines are common to what is left of both, from each pair of lines on.
  const common = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const isSame = a[i] === b[j]
      const best = Math.max(common[i + 1]![j]!, common[i]![j + 1]!)
      common[i]![j] = isSame ? common[i + 1]![j + 1]! + 1 : best
    }
  }
  const changes: Changed[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      changes.push({ kind: 'same', line: a[i]! })
      i++
      j++
    } else if (j >= b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      changes.push(removed(a[i++]!))
    } else {
      changes.push(added(b[j++]!))
    }
  }
  return changes
}

function removed(line: string): Changed {
  return { kind: 'removed', line }
}

function added(line: string): Changed {
  return { kind: 'added', line }
}
