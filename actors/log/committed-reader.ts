// Reads committed transactions from the log's files while another thread writes them, for whoever wants to
// know what has changed. It keeps nothing open between two pieces, and holds no file back: what it needs
// may be purged, and then it says so.
//
//   reading --the file is gone--> searching, by zxid --found--> reading
//                                                    --not there--> behind
//
// Invariant: what it returns follows on its place without a hole. It reads up to what is committed; that is
// never cut. An entry that is being written looks damaged, so whoever meets damage tries again. What
// was read from a file that has lost its name meanwhile does not count: the file may have become
// another one (spare.ts).

import { counterOf, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import { EntryReader, logBehind, logsOf } from './files/entry-reader.ts'
import { ORIGIN_NAME, sortedSnapshots } from './files/file-names.ts'
import type { Files } from './files/files.ts'

/** Behind a transaction. `log` and `offset` say where that is in the files, if it is known. */
export interface Place {
  readonly zxid: Zxid
  readonly log: string | null
  readonly offset: number
}

/** `behind`: the log does not hold what follows this place, or another history has taken its place. */
export type Piece =
  | { readonly kind: 'entries'; readonly bytes: Uint8Array; readonly place: Place }
  | { readonly kind: 'behind' }

export function placeOf(zxid: Zxid): Place {
  return { zxid, log: null, offset: 0 }
}

/** The transactions that follow, up to `upTo`, each preceded by its length; no more than `bytesMax`, unless
 * one alone is longer. None: they are not in the files yet. Throws what `files` throws, and DamagedError. */
export function readCommitted(
  files: Files,
  entryBytesMax: number,
  place: Place,
  upTo: Zxid,
  bytesMax: number,
): Piece {
  if (place.zxid >= upTo) return nothing(place)
  const logs = logsOf(files)
  const known = logs.find(({ name }) => name === place.log)
  const log = known ?? logBehind(logs, place.zxid)
  if (log === undefined) return isBeginning(files, place.zxid) ? nothing(place) : BEHIND
  const { zxid, offset } = place
  const entries =
    known === undefined
      ? new EntryReader(files, entryBytesMax, log, zxid, isBeginning(files, zxid))
      : EntryReader.resumed(files, entryBytesMax, log, zxid, offset)
  try {
    while (!entries.seek());
    if (!stands(entries, zxid)) {
      return log.zxid > zxid || entries.read(1).length > 0 ? BEHIND : nothing(place)
    }
    const bytes = entries.read(bytesMax, upTo)
    const { name } = entries.log
    if (!files.list('log').includes(name)) return nothing(placeOf(zxid))
    const last = bytes.length === 0 ? zxid : entries.zxid
    return { kind: 'entries', bytes, place: { zxid: last, log: name, offset: entries.offset } }
  } finally {
    entries.close()
  }
}

const BEHIND: Piece = { kind: 'behind' }

function nothing(place: Place): Piece {
  return { kind: 'entries', bytes: new Uint8Array(0), place }
}

/** An epoch begins before its first transaction, and whoever was there has seen all earlier ones. */
function stands(entries: EntryReader, zxid: Zxid): boolean {
  return entries.zxid === zxid || (counterOf(zxid) === 0 && entries.zxid >= ZXID_ZERO)
}

/** Whether the logs are known to begin at this place, though none says so. A later snapshot that is older than
 * they are has replaced a history. */
function isBeginning(files: Files, zxid: Zxid): boolean {
  const first = logsOf(files)[0]?.zxid ?? Number.POSITIVE_INFINITY
  const snapshots = sortedSnapshots(files.list('snapshot')).map((snapshot) => snapshot.zxid)
  if (snapshots.some((snapshot) => snapshot > zxid && snapshot < first)) return false
  const isOrigin = zxid === ZXID_ZERO && files.list('log').includes(ORIGIN_NAME)
  return isOrigin || snapshots.includes(zxid)
}
