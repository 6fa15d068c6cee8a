// What we want to be, beside Apache ZooKeeper on the same machine: ours divided by theirs.

export interface Target {
  readonly question: string
  readonly variant: RegExp
  readonly metric: string
  readonly better: 'higher' | 'lower'
  readonly atLeast: number
  readonly aim: number
}

export const TARGETS: readonly Target[] = [
  more('throughput', /^set /, 'perSecond', 3, 5),
  more('throughput', /^get /, 'perSecond', 4, 8),
  more('throughput', /^multi /, 'perSecond', 3, 5),
  less('throughput', /^set /, 'p999Us', 0.5, 0.2),
  less('throughput', /^set /, 'serverPeakMb', 0.4, 0.25),
  less('latency', /^set, one outstanding/, 'p50Us', 0.7, 0.5),
  less('snapshot', /./, 'p999Us', 0.5, 0.2),
  less('fan-out', /^one znode/, 'fanOutMs', 0.5, 0.25),
  more('sessions', /^connect/, 'perSecond', 10, 20),
  less('memory', /znodes$/, 'bytesEach', 0.8, 0.5),
  less('restart', /./, 'serveMs', 0.5, 0.25),
  less('failover', /^crash/, 'stallMs', 0.2, 0.1),
  less('failover', /^hang/, 'stallMs', 0.1, 0.02),
]

export function targetOf(question: string, variant: string, metric: string): Target | null {
  const isOf = (target: Target): boolean =>
    target.question === question && target.metric === metric && target.variant.test(variant)
  return TARGETS.find(isOf) ?? null
}

export function standing(
  { better, atLeast, aim }: Target,
  ratio: number,
): 'aim' | 'met' | 'missed' {
  const reaches = (bound: number): boolean =>
    better === 'higher' ? ratio >= bound : ratio <= bound
  if (reaches(aim)) return 'aim'
  return reaches(atLeast) ? 'met' : 'missed'
}

/** What is wanted, and what is aimed at. */
export function wantedText({ better, atLeast, aim }: Target): string {
  return `${better === 'higher' ? 'at least' : 'at most'} ${atLeast}x, aim ${aim}x`
}

function more(
  question: string,
  variant: RegExp,
  metric: string,
  atLeast: number,
  aim: number,
): Target {
  return { question, variant, metric, better: 'higher', atLeast, aim }
}

function less(
  question: string,
  variant: RegExp,
  metric: string,
  atLeast: number,
  aim: number,
): Target {
  return { question, variant, metric, better: 'lower', atLeast, aim }
}
