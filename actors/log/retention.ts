// Old files that are kept although no snapshot that must be kept needs them: for a restore to an earlier moment,
// and for consumers of the change feed that were away. Logs are kept from the newest back, without a hole, with
// the snapshots that they continue.

import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { TXN_TIME_AT } from '../../protocol/txn.ts'
import { logsOf } from './files/entry-reader.ts'
import { type NamedFile, sortedLogs, sortedSnapshots } from './files/file-names.ts'
import type { Files } from './files/files.ts'
import { HEADER_BYTES, PREFIX_BYTES } from './files/segment.ts'
import type { Removal } from './purge.ts'

export interface Retention {
  /** Logs that together have no more than this are kept; 0 for none. */
  readonly logRetentionBytes: number
  /** So are logs that were written to in this time; 0 for none. */
  readonly logRetentionMs: number
}

/** Those of the removals that go. `wallMs`: now, in milliseconds since 1970. */
export function beyondRetention(
  files: Files,
  removals: readonly Removal[],
  { logRetentionBytes, logRetentionMs }: Retention,
  wallMs: number,
): readonly Removal[] {
  if (logRetentionBytes === 0 && logRetentionMs === 0) return removals
  const old = new Set(removals.filter(({ folder }) => folder === 'log').map(({ name }) => name))
  const logs = logsOf(files)
  let first: NamedFile | undefined = logs.find(({ name }) => !old.has(name))
  let bytes = 0
  for (const log of sortedLogs([...old]).reverse()) {
    bytes += sizeOf(files, log.name)
    const next = logs.find(({ zxid }) => zxid > log.zxid)
    const endMs = next === undefined ? wallMs : beginningMs(files, next.name)
    const isRecent = logRetentionMs > 0 && endMs >= wallMs - logRetentionMs
    if (bytes > logRetentionBytes && !isRecent) break
    first = log
  }
  if (first === undefined) return removals
  const kept = first.zxid
  return removals.filter(({ folder, name }) => {
    // A snapshot that ends where the log begins is continued by it.
    const [file] = folder === 'log' ? sortedLogs([name]) : sortedSnapshots([name])
    return file === undefined || file.zxid < (folder === 'log' ? kept : kept - 1)
  })
}

function sizeOf(files: Files, name: string): number {
  const file = files.open('log', name, 'read')
  try {
    return file.size()
  } finally {
    file.close()
  }
}

/** When its first transaction was made; the beginning of time if it has none. */
function beginningMs(files: Files, name: string): number {
  const file = files.open('log', name, 'read')
  try {
    const bytes = new Uint8Array(8)
    const read = file.read(bytes, HEADER_BYTES + PREFIX_BYTES + TXN_TIME_AT)
    return read < bytes.length ? 0 : new JuteReader(bytes).longNumber()
  } finally {
    file.close()
  }
}
