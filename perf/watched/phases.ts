// Phases of a server with its meters on and off, in turn, and what a phase that is on costs more than
// its neighbours that are off.

/** By the clock that all threads share. A heartbeat, with which samples are taken, is in each. */
const PHASE_MS = 200
/** Of a normal distribution: 95 % of it. */
const TWO_SIGMA = 1.96

/** What a server did in one phase. */
export interface Phase {
  readonly isOn: boolean
  /** Processor time of all its threads, user and kernel. */
  readonly cpuUs: number
  readonly replies: number
}

/** `nowMs`: monotonic milliseconds. */
export function isOnAt(nowMs: number): boolean {
  return Math.floor(nowMs / PHASE_MS) % 2 === 0
}

/** When the next phase begins, on the same clock. */
export function nextPhaseMs(nowMs: number): number {
  return (Math.floor(nowMs / PHASE_MS) + 1) * PHASE_MS
}

export interface Difference {
  /** Microseconds of processor time a reply, medians. */
  readonly onUs: number
  readonly offUs: number
  /** By how much a phase that is on costs more a reply than the mean of its two neighbours: the median
   * in percent, and between what it lies with 95 % certainty. */
  readonly more: number
  readonly from: number
  readonly to: number
}

export function difference(phases: readonly Phase[]): Difference {
  const cost = ({ cpuUs, replies }: Phase): number => cpuUs / replies
  const worked = phases.filter(({ replies }) => replies > 0)
  const percents: number[] = []
  for (const [i, phase] of worked.entries()) {
    const [before, after] = [worked[i - 1], worked[i + 1]]
    if (!phase.isOn || before === undefined || after === undefined) continue
    if (before.isOn || after.isOn) continue
    percents.push(((2 * cost(phase)) / (cost(before) + cost(after)) - 1) * 100)
  }
  percents.sort((a, b) => a - b)
  const at = (place: number): number => {
    return percents[Math.min(Math.max(Math.round(place), 0), percents.length - 1)] ?? Number.NaN
  }
  const middle = (percents.length - 1) / 2
  const spread = (TWO_SIGMA * Math.sqrt(percents.length)) / 2
  const of = (isOn: boolean): number => {
    const costs = worked.filter((phase) => phase.isOn === isOn).map(cost)
    return costs.sort((a, b) => a - b)[costs.length >> 1] ?? Number.NaN
  }
  const limits = { from: at(middle - spread), to: at(middle + spread) }
  return { onUs: of(true), offUs: of(false), more: at(middle), ...limits }
}
