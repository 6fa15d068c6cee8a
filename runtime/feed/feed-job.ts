// A job of the feed's worker: reads a piece of the log, and makes of each change what consumers are sent.

import { join } from 'node:path'
import { type Place, readCommitted } from '../../actors/log/committed-reader.ts'
import { logsOf } from '../../actors/log/files/entry-reader.ts'
import { DamagedError } from '../../actors/log/files/errors.ts'
import { sortedSnapshots } from '../../actors/log/files/file-names.ts'
import type { Files } from '../../actors/log/files/files.ts'
import { looksFinished } from '../../actors/log/recovery/snapshot-reader.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { type Change, changesOf } from '../../protocol/feed/change.ts'
import { type Position, positionText } from '../../protocol/feed/position.ts'
import { formatSessionId } from '../../protocol/session-id.ts'
import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import { NodeFiles } from '../disk/files.ts'

const VERSION_FOLDER = 'version-2'

export interface FeedJob {
  readonly dataDir: string
  readonly dataLogDir: string
  readonly entryBytesMax: number
  readonly place: Place
  /** What the consumer has seen; at or behind the place. */
  readonly seen: Position
  readonly upTo: Zxid
  /** No more of the log, unless one transaction alone is longer. */
  readonly bytesMax: number
  /** Only nodes with this path and below. */
  readonly path: string
  readonly withData: boolean
}

export interface FeedItem {
  readonly id: string
  readonly zxid: Zxid
  readonly kind: Change['kind']
  readonly path: string | null
  /** One line of JSON. */
  readonly json: string
}

/** Where a consumer that is behind can begin again. */
export interface Beginning {
  /** The first transaction that the log still holds; null if it holds none. */
  readonly oldest: string | null
  /** Read this snapshot, then the changes after its zxid. */
  readonly snapshot: { readonly name: string; readonly zxid: string } | null
}

export type FeedRead =
  | { readonly kind: 'items'; readonly items: readonly FeedItem[]; readonly place: Place }
  | { readonly kind: 'behind'; readonly beginning: Beginning }
  /** An entry is being written, or is damaged. */
  | { readonly kind: 'unread'; readonly problem: string }

export function readFeed(job: FeedJob): FeedRead {
  const files = new NodeFiles(
    join(job.dataLogDir, VERSION_FOLDER),
    join(job.dataDir, VERSION_FOLDER),
  )
  try {
    const { place, upTo, entryBytesMax, bytesMax } = job
    const piece = readCommitted(files, entryBytesMax, place, upTo, bytesMax)
    if (piece.kind === 'behind') return { kind: 'behind', beginning: beginningOf(files) }
    return { kind: 'items', items: [...itemsOf(piece.bytes, job)], place: piece.place }
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!isGone && !(error instanceof DamagedError)) throw error
    return { kind: 'unread', problem: (error as Error).message }
  }
}

function* itemsOf(bytes: Uint8Array, { seen, path, withData }: FeedJob): Generator<FeedItem> {
  const reader = new JuteReader(bytes)
  while (reader.remaining > 0) {
    const length = reader.int()
    for (const change of changesOf(bytes, reader.offset, reader.offset + length)) {
      const isSeen = change.zxid === seen.zxid && change.index <= seen.index
      if (!isSeen && isWithin(change.path, path)) yield itemOf(change, withData)
    }
    reader.skip(length)
  }
}

/** A session's end concerns every path. */
function isWithin(path: string | null, root: string): boolean {
  if (path === null || root === '/') return true
  return path === root || path.startsWith(`${root}/`)
}

function itemOf(change: Change, withData: boolean): FeedItem {
  const { zxid, kind, path, from, to, isEphemeral } = change
  const id = positionText(change)
  const json = JSON.stringify({
    id,
    zxid: formatZxid(zxid),
    time: change.timeMs,
    session: formatSessionId(change.sessionId),
    kind,
    path,
    from,
    to,
    ...(isEphemeral && { ephemeral: true }),
    ...(withData && { data: base64Of(change.data) }),
  })
  return { id, zxid, kind, path, json }
}

function base64Of(data: Uint8Array | null): string | null {
  return data === null ? null : Buffer.from(data).toString('base64')
}

function beginningOf(files: Files): Beginning {
  const logs = logsOf(files)
  const [first] = logs
  const snapshot = sortedSnapshots(files.list('snapshot')).find(({ name }) =>
    looksFinished(files, name),
  )
  return {
    oldest: first === undefined ? null : formatZxid(first.zxid),
    snapshot:
      snapshot === undefined ? null : { name: snapshot.name, zxid: formatZxid(snapshot.zxid) },
  }
}
