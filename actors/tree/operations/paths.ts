// What several operations require of a path that names a node to be made or removed.

import { SLASH } from '../../../protocol/path.ts'

/** Whether the path has a slash and no NUL. This is checked before its parent is looked for. */
export function mayHaveParent(bytes: Uint8Array, start: number, end: number): boolean {
  let hasSlash = false
  for (let i = start; i < end; i++) {
    if (bytes[i] === 0) return false
    if (bytes[i] === SLASH) hasSlash = true
  }
  return hasSlash
}

/** What follows the path of a sequential node: at least ten digits. A counter beyond 2^31 - 1 comes
 * out negative, as in ZooKeeper. */
export function sequenceSuffix(cversion: number): string {
  const digits = String(Math.abs(cversion))
  return cversion < 0 ? `-${digits.padStart(9, '0')}` : digits.padStart(10, '0')
}
