// What several operations ask of a path that names a node to be made or removed.

import { SLASH } from '../../../protocol/path.ts'

/** What is asked of a path before its parent is looked for: a slash, and no NUL. */
export function mayHaveParent(bytes: Uint8Array, start: number, end: number): boolean {
  let hasSlash = false
  for (let i = start; i < end; i++) {
    if (bytes[i] === 0) return false
    if (bytes[i] === SLASH) hasSlash = true
  }
  return hasSlash
}

/** What follows the path of a sequential node. Ten digits at least; a counter beyond 2^31 - 1 comes
 * out negative, as there. */
export function sequenceSuffix(cversion: number): string {
  const digits = String(Math.abs(cversion))
  return cversion < 0 ? `-${digits.padStart(9, '0')}` : digits.padStart(10, '0')
}
