// The views, by the name in their URL: what each is made of.

import type { ServerOptions } from '../../config/options.ts'
import type { ReportSource } from '../reports/source.ts'
import { top } from '../reports/top.ts'
import { why } from '../reports/why.ts'
import { Problem, sliceOf } from './answers.ts'
import { configurationView } from './configuration-view.ts'
import { glance } from './glance.ts'
import type { Inventories } from './holders/inventory.ts'
import type { LockViews } from './holders/lock-views.ts'
import { sessionDetails, sessionsView } from './holders/session-views.ts'
import { membersOf } from './members.ts'
import type { Listings } from './tree/listing.ts'
import { childrenView, nodeView } from './tree/node-views.ts'
import type { Searches } from './tree/search.ts'
import type { Visitor } from './visitors.ts'
import { warningsView } from './warnings-view.ts'
import { zkProblem } from './zk-problem.ts'

export interface Viewed {
  readonly source: ReportSource
  readonly query: URLSearchParams
  readonly inventories: Inventories
  readonly locks: LockViews
  readonly listings: Listings
  readonly searches: Searches
  /** Opens a session if there is none yet. Throws a Problem if the visitor's token is not known. */
  visitor(): Visitor
}

export const VIEWS: Readonly<Record<string, (viewed: Viewed) => object | Promise<object>>> = {
  glance: ({ source }) => glance(source),
  members: ({ source: { options } }) => ({ members: membersOf(options as ServerOptions) }),
  node: ({ query, visitor }) =>
    nodeView(visitor(), pathOf(query), query.get('all') === 'true', wordsOf),
  children: ({ query, listings, visitor }) =>
    childrenView(listings, visitor(), pathOf(query), query.get('filter') ?? '', sliceOf(query)),
  search: ({ query, searches, visitor }) =>
    searches.run(visitor(), pathOf(query), query.get('text') ?? '', query.get('more')),
  sessions: ({ source, query }) =>
    sessionsView(source, query.get('order') ?? 'since', query.get('filter') ?? '', sliceOf(query)),
  session: ({ source, query, inventories, locks }) =>
    sessionDetails(source, inventories, locks, query.get('session') ?? ''),
  locks: ({ query, locks, visitor }) =>
    locks.lines(visitor(), query.get('filter') ?? '', sliceOf(query)),
  lock: ({ query, locks, visitor }) => locks.one(visitor(), pathOf(query), sliceOf(query)),
  why: ({ source, query }) => told(why(source, query)),
  top: async ({ source, query }) => told(await top(source, query)),
  configuration: ({ source }) => configurationView(source),
  warnings: ({ source }) => warningsView(source),
  me: ({ visitor }) => ({ login: visitor().login }),
}

function pathOf(query: URLSearchParams): string {
  const path = query.get('path')
  if (path === null) throw new Problem(400, 'Say which path.')
  return path
}

function wordsOf(error: unknown): string {
  const problem = zkProblem(error)
  if (problem === null) throw error
  return problem.message
}

/** Throws what a report refuses. */
function told(report: object): object {
  if ('error' in report && report.error !== null) throw new Problem(400, `${report.error}.`)
  return report
}
