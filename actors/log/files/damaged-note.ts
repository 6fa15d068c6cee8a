// A note that a member of an ensemble has lost what it acknowledged, kept until the member has that
// back: a file beside the logs. While it is there, nothing that the folder holds counts, however
// sound it looks: it may come from a leader that had been deposed. An operator who puts a backup
// into a member's folder must make this file, empty, before the start, because nothing else shows
// that the backup lacks what was acknowledged since.

import { utf8, utf8Bytes } from '../../../protocol/bytes/text.ts'
import { LossError } from './errors.ts'
import type { Files } from './files.ts'
import { readFile, replaceFile } from './whole-file.ts'

export const DAMAGED_NAME = 'damaged'
const BYTES_MAX = 1000

/** Null if there is none. */
export function readDamaged(files: Files): LossError | null {
  const bytes = readFile(files, 'log', DAMAGED_NAME, BYTES_MAX)
  if (bytes === null) return null
  const why = utf8(bytes, 0, bytes.length).trim()
  return new LossError(
    DAMAGED_NAME,
    -1,
    why === '' ? 'it was put there by hand' : `it says: ${why}`,
  )
}

/** Durable on return, together with everything else in the folder. */
export function writeDamaged(files: Files, why: string): void {
  const bytes = utf8Bytes(`${why}\n`)
  replaceFile(files, 'log', DAMAGED_NAME, bytes.subarray(0, BYTES_MAX))
}

export function removeDamaged(files: Files): void {
  if (!files.list('log').includes(DAMAGED_NAME)) return
  files.remove('log', DAMAGED_NAME)
  files.syncFolder('log')
}
