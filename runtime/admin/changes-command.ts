// The command `changes`: the change feed over HTTP (runtime/feed). It is for administrators.
//
//   GET /commands/changes?from=POSITION              what there is, or what comes within `wait` ms: one record
//   GET /commands/changes?from=POSITION&stream=lines JSON lines without end; `{"at": POSITION}` when nothing happens
//   GET /commands/changes?from=POSITION&stream=sse   the same as server-sent events, which a browser resumes
//
// `path` names a subtree, `data=true` adds data in base64, `limit` bounds one record.

import { utf8Bytes } from '../../protocol/bytes/text.ts'
import { type Position, positionFrom } from '../../protocol/feed/position.ts'
import { isValidPath } from '../../protocol/path.ts'
import { formatZxid } from '../../protocol/zxid.ts'
import { FEEDS_MAX, Feed, type Told, type Wanted } from '../feed/feed.ts'
import type { FeedItem } from '../feed/feed-job.ts'
import { NOT_SERVING, type ReportSource } from '../reports/source.ts'
import { nowMs } from '../shared/clock.ts'
import { refusalOf } from './authorization.ts'
import type { Asked, Page } from './http-listener.ts'
import { jsonText } from './json-text.ts'

const COMMAND = 'changes'
const LIMIT = { least: 1, most: 10_000, otherwise: 1000 }
const WAIT_MS = { least: 0, most: 60_000, otherwise: 0 }
/** A stream on which nothing happens says so in time for the connection not to look idle. */
const REST_MS_MAX = 10_000
const REST_PART = 3

interface Request {
  readonly from: Position | null
  readonly path: string
  readonly withData: boolean
  readonly stream: 'lines' | 'sse' | null
  readonly limit: number
  readonly waitMs: number
}

export class ChangesCommand {
  readonly #source: ReportSource
  readonly #feed: Feed

  constructor(source: ReportSource) {
    this.#source = source
    this.#feed = new Feed(source)
  }

  async page(query: URLSearchParams, asked: Asked): Promise<Page> {
    const refused = await refusalOf(this.#source, asked)
    if (refused !== null) return errorPage(refused.status, refused.error)
    const request = requestFrom(query, asked)
    if (typeof request === 'string') return errorPage(400, request)
    const committed = await this.#feed.committed()
    if (committed === null) return errorPage(503, NOT_SERVING)
    const from = request.from ?? { zxid: committed, index: Number.POSITIVE_INFINITY }
    const { path, withData } = request
    const wanted: Wanted = { from, path, withData, keep: async (items) => items }
    const place = this.#feed.enter()
    if (place === null) return errorPage(429, `${FEEDS_MAX} consumers are reading the feed already`)
    return request.stream === null
      ? this.#record(wanted, request, place.leave)
      : this.#stream(wanted, request.stream, place.leave)
  }

  close(): void {
    void this.#feed.close()
  }

  /** One answer, as soon as there is something to tell. */
  async #record(wanted: Wanted, { limit, waitMs }: Request, leave: () => void): Promise<Page> {
    const untilMs = nowMs() + Math.min(waitMs, this.#source.options.adminIdleTimeoutMs / 2)
    try {
      for await (const told of this.#feed.tell(wanted, () => untilMs - nowMs())) {
        if (told.kind === 'behind') return behindPage(told)
        if (told.kind === 'failed') return errorPage(500, told.problem)
        if (told.items.length === 0 && nowMs() < untilMs) continue
        const items = told.items.slice(0, limit)
        const isAll = items.length === told.items.length
        const next = isAll ? formatZxid(told.at) : (items.at(-1)?.id ?? '')
        const body =
          `{"changes":[${items.map(({ json }) => json).join(',')}],"next":"${next}",` +
          `"command":"${COMMAND}","error":null}`
        return { status: 200, type: 'application/json', body }
      }
      return errorPage(503, NOT_SERVING)
    } finally {
      leave()
    }
  }

  /** Whoever is behind from the beginning is told by the status, like everybody else who asks in vain. */
  async #stream(wanted: Wanted, form: 'lines' | 'sse', leave: () => void): Promise<Page> {
    const calmMs = Math.min(REST_MS_MAX, this.#source.options.adminIdleTimeoutMs / REST_PART)
    let restMs = 0
    const all = this.#feed.tell(wanted, () => restMs)
    const { value: first } = await all.next()
    restMs = calmMs
    if (first === undefined || first.kind !== 'items') {
      leave()
      if (first === undefined) return errorPage(503, NOT_SERVING)
      return first.kind === 'behind' ? behindPage(first) : errorPage(500, first.problem)
    }
    const type = form === 'sse' ? 'text/event-stream' : 'application/x-ndjson'
    return { status: 200, type, body: streamed(first, all, form), over: leave }
  }
}

async function* streamed(
  first: Told,
  rest: AsyncGenerator<Told>,
  form: 'lines' | 'sse',
): AsyncGenerator<string> {
  const text = form === 'sse' ? eventsOf : linesOf
  yield text(first)
  for await (const told of rest) yield text(told)
}

function linesOf(told: Told): string {
  if (told.kind !== 'items') return `${JSON.stringify(endOf(told))}\n`
  if (told.items.length === 0) return `{"at":"${formatZxid(told.at)}"}\n`
  return told.items.map(({ json }) => `${json}\n`).join('')
}

/** An event without data is none, but its id counts. */
function eventsOf(told: Told): string {
  if (told.kind !== 'items') {
    return `event: ${told.kind}\ndata: ${JSON.stringify(endOf(told))}\n\n`
  }
  if (told.items.length === 0) return `id: ${formatZxid(told.at)}\n\n`
  return told.items.map(eventOf).join('')
}

function eventOf({ id, json }: FeedItem): string {
  return `id: ${id}\ndata: ${json}\n\n`
}

function endOf(told: Exclude<Told, { kind: 'items' }>): object {
  return told.kind === 'behind' ? { behind: told.beginning } : { failed: told.problem }
}

function behindPage({ beginning }: Extract<Told, { kind: 'behind' }>): Page {
  const error = 'The log does not hold what follows this position: begin with the snapshot'
  return record(410, { error, ...beginning, command: COMMAND })
}

/** What is wrong, or what is asked for. */
function requestFrom(query: URLSearchParams, asked: Asked): Request | string {
  const fromText = query.get('from') ?? asked.header('last-event-id')
  const from = fromText === null ? null : positionFrom(fromText)
  if (fromText !== null && from === null) {
    return `from=${fromText}: must be a zxid such as 0x100000005, or the id of a change`
  }
  const path = query.get('path') ?? '/'
  const bytes = utf8Bytes(path)
  if (!isValidPath(bytes, 0, bytes.length)) return `path=${path}: must be the path of a node`
  const stream = query.get('stream')
  if (stream !== null && stream !== 'lines' && stream !== 'sse') {
    return `stream=${stream}: must be lines or sse`
  }
  const data = query.get('data') ?? 'false'
  if (data !== 'true' && data !== 'false') return `data=${data}: must be true or false`
  const limit = numberFrom(query, 'limit', LIMIT)
  const waitMs = numberFrom(query, 'wait', WAIT_MS)
  if (typeof limit === 'string') return limit
  if (typeof waitMs === 'string') return waitMs
  return { from, path, withData: data === 'true', stream, limit, waitMs }
}

function numberFrom(
  query: URLSearchParams,
  name: string,
  { least, most, otherwise }: typeof LIMIT,
): number | string {
  const text = query.get(name)
  if (text === null) return otherwise
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  return `${name}=${text}: must be a number from ${least} to ${most}`
}

function errorPage(status: number, error: string): Page {
  return record(status, { command: COMMAND, error })
}

function record(status: number, fields: object): Page {
  return { status, type: 'application/json', body: jsonText(fields) }
}
