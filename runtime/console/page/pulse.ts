// The heartbeat of the page: every two seconds each member is asked how it is doing. The last five
// minutes are kept, for the curves.

import type { Glance } from '../glance.ts'
import { getFrom, goTo, learnMembers, lost, type Place, place, places, silent } from './api.ts'
import { browser, nowMs } from './browser.ts'
import { Signal } from './signal.ts'

const EVERY_MS = 2000
const KEPT = 150
/** Members may come and go. */
const LEARN_EVERY = 15

/** What was seen at one moment. Rates are a second; null where they are not known. */
export interface Sample {
  readonly atMs: number
  readonly requests: number | null
  readonly applied: number | null
  readonly update: number | null
  readonly sync: number | null
}

export interface Watched {
  readonly place: Place
  /** What was heard last; null before. */
  readonly glance: Glance | null
  readonly heardMs: number
  /** Since when there has been no answer; null while there is one. */
  readonly silentMs: number | null
  readonly samples: readonly Sample[]
}

/** Every member, in the order of their ids. */
export const watched: Signal<readonly Watched[]> = new Signal<readonly Watched[]>([])

export function watchMembers(): void {
  let round = 0
  const beat = async (): Promise<void> => {
    if (!browser.document.hidden) {
      if (round++ % LEARN_EVERY === 0) await learnMembers().catch(() => undefined)
      await look()
    }
    setTimeout(beat, EVERY_MS)
  }
  void beat()
}

async function look(): Promise<void> {
  const seen = await Promise.all(places().map(seenNow))
  watched.set(seen.sort((a, b) => a.place.id - b.place.id))
  moveOn(seen)
}

/** If the member that is being shown does not answer and another does, the page goes on with that. */
function moveOn(seen: readonly Watched[]): void {
  const shown = seen.find((one) => one.place.origin === place.value.origin)
  const alive = seen.find(({ silentMs }) => silentMs === null)
  if (shown === undefined || shown.silentMs === null) {
    silent.set(null)
    return
  }
  if (alive === undefined) {
    if (silent.value === null) silent.set(shown.silentMs)
    return
  }
  goTo(alive.place)
  lost.set({ place: shown.place, sinceMs: shown.silentMs })
  silent.set(null)
}

async function seenNow(one: Place): Promise<Watched> {
  const before = watched.value.find((known) => known.place.origin === one.origin)
  const samples = before?.samples ?? []
  try {
    const glance = await getFrom<Glance>(one.origin, 'glance')
    const heardMs = nowMs()
    const sample = sampleOf(glance, heardMs, before)
    return {
      place: { origin: one.origin, id: glance.server },
      glance,
      heardMs,
      silentMs: null,
      samples: [...samples, sample].slice(-KEPT),
    }
  } catch {
    const silentMs = before?.silentMs ?? nowMs()
    const gap = { atMs: nowMs(), requests: null, applied: null, update: null, sync: null }
    const known = before ?? { glance: null, heardMs: 0 }
    return {
      ...known,
      place: before?.place ?? one,
      silentMs,
      samples: [...samples, gap].slice(-KEPT),
    }
  }
}

function sampleOf(now: Glance, atMs: number, before: Watched | undefined): Sample {
  const last = before?.silentMs === null ? before.glance : null
  const seconds = (atMs - (before?.heardMs ?? atMs)) / 1000
  const perSecond = (name: 'requests' | 'applied'): number | null => {
    if (last === null || seconds <= 0 || now.uptimeMs < last.uptimeMs) return null
    return Math.max(0, now[name] - last[name]) / seconds
  }
  return {
    atMs,
    requests: perSecond('requests'),
    applied: perSecond('applied'),
    update: now.update.p99,
    sync: now.sync.p99,
  }
}
