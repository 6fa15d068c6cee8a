// An operator's decision to go on despite a loss: a file beside the logs with one line, which the
// error message about the loss spells out. The line names file and offset, so it is good for that
// loss and no other. The start that acts on it removes the file.

import { utf8 } from '../../../protocol/bytes/text.ts'
import type { LossError } from './errors.ts'
import type { Files } from './files.ts'
import { readFile } from './whole-file.ts'

export const ACCEPT_LOSS_NAME = 'accept-loss'
const BYTES_MAX = 200

export function isWordGiven(files: Files): boolean {
  return files.list('log').includes(ACCEPT_LOSS_NAME)
}

export function isAccepted(files: Files, { place }: LossError): boolean {
  if (place === null) return false
  const bytes = readFile(files, 'log', ACCEPT_LOSS_NAME, BYTES_MAX)
  return bytes !== null && utf8(bytes, 0, bytes.length).trim() === place
}

/** Durable on return. */
export function forgetAcceptance(files: Files): void {
  if (!isWordGiven(files)) return
  files.remove('log', ACCEPT_LOSS_NAME)
  files.syncFolder('log')
}
