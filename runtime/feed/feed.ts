// The change feed: every committed change, in order, from a position on. It reads the log's files, on a
// thread of its own, so it costs whoever writes nothing but the disk cache that the log is in anyway.
//
// Bounds: FEEDS_MAX consumers. Each has one piece of the log in memory, and the next is read when it has
// taken that. One that is too slow holds nothing back: once what it needs has been purged, it is told.

import { type Place, placeOf } from '../../actors/log/committed-reader.ts'
import type { Position } from '../../protocol/feed/position.ts'
import { Query } from '../../protocol/messages/queries.ts'
import { belowZxid, type Zxid } from '../../protocol/zxid.ts'
import { JobPool, READ_FEED } from '../pool/pool.ts'
import { ask } from '../reports/ask.ts'
import { isServing, type ReportSource } from '../reports/source.ts'
import { nowMs } from '../shared/clock.ts'
import type { Beginning, FeedItem, FeedJob, FeedRead } from './feed-job.ts'

/** Consumers at the same time. The admin server has as many connections again for others. */
export const FEEDS_MAX = 8
/** Of the log, for each consumer. */
const PIECE_BYTES = 256 * 1024
const POLL_MS = 20
/** An entry of ours is whole a moment after it was begun. One that is committed, and cannot be read for this
 * long, is damaged. */
const UNREAD_MS_MAX = 10_000

export interface Wanted {
  readonly from: Position
  /** Only nodes with this path and below. */
  readonly path: string
  readonly withData: boolean
  /** Of these, the ones that the consumer may know of. */
  keep(items: readonly FeedItem[]): Promise<readonly FeedItem[]>
}

export type Told =
  /** `at`: with these items, everything up to this transaction has been told. */
  | { readonly kind: 'items'; readonly items: readonly FeedItem[]; readonly at: Zxid }
  | { readonly kind: 'behind'; readonly beginning: Beginning }
  | { readonly kind: 'failed'; readonly problem: string }

export class Feed {
  readonly #source: ReportSource
  readonly #pool = new JobPool(READ_FEED)
  /** Consumers take turns. */
  #lastRead: Promise<unknown> = Promise.resolve()
  #open = 0
  #isClosed = false

  constructor(source: ReportSource) {
    this.#source = source
  }

  /** A place for one more consumer; null if there is none. It must be left. */
  enter(): { leave: () => void } | null {
    if (this.#open >= FEEDS_MAX) return null
    this.#open++
    let isIn = true
    const leave = (): void => {
      if (isIn) this.#open--
      isIn = false
    }
    return { leave }
  }

  /** The newest transaction that is surely committed; null while the server serves nobody. The tree's
   * answer comes behind whatever else it has said: if this server had lost its leader, and what it
   * shows were its log's, that would be known by then. */
  async committed(): Promise<Zxid | null> {
    const { gauges, network } = this.#source
    if (!this.#isServing()) return null
    const zxid = gauges.read('lastZxid') as Zxid
    const askedMs = nowMs()
    await ask(this.#source, Query.rootAcls)
    const hasServed = network.servingMs >= nowMs() - askedMs
    return this.#isServing() && hasServed ? zxid : null
  }

  /** What happens after `from`, with no items about every `restMs` while nothing happens. After `behind` and
   * `failed` there is no more. */
  async *tell({ from, path, withData, keep }: Wanted, restMs: () => number): AsyncGenerator<Told> {
    const { dataDir, dataLogDir, juteMaxBuffer, juteMaxBufferExtraSize } = this.#source.options
    const entryBytesMax = juteMaxBuffer + juteMaxBufferExtraSize
    const isWithin = Number.isFinite(from.index)
    let place: Place = placeOf(isWithin ? belowZxid(from.zxid) : from.zxid)
    let unreadMs: number | null = null
    while (!this.#isClosed) {
      const upTo = await this.#beyond(place.zxid, restMs())
      if (upTo === null) {
        yield { kind: 'items', items: [], at: place.zxid }
        continue
      }
      const job = { dataDir, dataLogDir, entryBytesMax, place, seen: from, upTo, path, withData }
      const read = await this.#read({ ...job, bytesMax: PIECE_BYTES })
      if (read.kind === 'behind') {
        yield read
        return
      }
      const isStuck = read.kind === 'unread' || read.place.zxid === place.zxid
      unreadMs = isStuck ? (unreadMs ?? nowMs()) : null
      if (isStuck) {
        if (read.kind === 'unread' && nowMs() - (unreadMs ?? 0) > UNREAD_MS_MAX) {
          yield { kind: 'failed', problem: read.problem }
          return
        }
        // Committed by others, and not in our own log yet.
        await pause()
        if (read.kind === 'unread') place = placeOf(place.zxid)
        continue
      }
      place = read.place
      yield { kind: 'items', items: await keep(read.items), at: place.zxid }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#lastRead.catch(() => undefined)
    await this.#pool.close()
  }

  #isServing(): boolean {
    return isServing(this.#source) && this.#source.network.mode !== 'read-only'
  }

  /** Something committed behind this; null if nothing is for so long. */
  async #beyond(zxid: Zxid, restMs: number): Promise<Zxid | null> {
    const untilMs = nowMs() + restMs
    for (;;) {
      if (this.#source.gauges.read('lastZxid') > zxid) {
        const committed = await this.committed()
        if (committed !== null && committed > zxid) return committed
      }
      if (this.#isClosed || nowMs() >= untilMs) return null
      await pause()
    }
  }

  #read(job: FeedJob): Promise<FeedRead> {
    const read = this.#lastRead.catch(() => undefined).then(() => this.#pool.run(job))
    this.#lastRead = read
    return read
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS))
}
