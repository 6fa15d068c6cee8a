// Probes for whatever runs the process: /livez says whether it is worth keeping; /readyz says
// whether it serves clients, and if not, why.

import { isServing, type ReportSource } from '../reports/source.ts'
import { titleOf } from '../why/story-text.ts'
import { tellStories } from '../why/teller.ts'
import type { Page } from './http-listener.ts'

/** Null if this is not a probe's path. */
export function probePage(source: ReportSource, path: string): Page | null {
  // A process that answers is alive: a thread that fails ends it.
  if (path === '/livez') return textPage(200, 'ok')
  if (path !== '/readyz') return null
  if (isServing(source)) return textPage(200, `ok: ${source.network.mode}`)
  const server = source.options.ensemble?.serverId ?? 0
  const open = tellStories(source.facts.since(0), server).findLast(
    ({ untilMs }) => untilMs === null,
  )
  return textPage(
    503,
    open === undefined ? `not ready: ${source.network.mode}` : `not ready: ${titleOf(open)}`,
  )
}

function textPage(status: number, text: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` }
}
