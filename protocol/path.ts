// Which paths are allowed (PathUtils.validatePath), and small questions about them. Paths are
// ranges of UTF-8 bytes.

import { utf8 } from './bytes/text.ts'

export const QUOTA_ROOT = '/zookeeper/quota'
export const CONFIG_NODE = '/zookeeper/config'
const PROTECTED: ReadonlySet<string> = new Set(['/', '', '/zookeeper', QUOTA_ROOT, CONFIG_NODE])

export const SLASH = 0x2f
const DOT = 0x2e

/** Whether a node must not be deleted. */
export function isProtected(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start <= CONFIG_NODE.length && PROTECTED.has(utf8(bytes, start, end))
}

/** Absolute; no empty or dot segment; no trailing slash, except the root's; no forbidden
 * character. */
export function isValidPath(bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start || bytes[start] !== SLASH) return false
  if (end - start === 1) return true
  let segmentStart = start + 1
  let isPlain = true
  for (let i = start + 1; i < end; i++) {
    const byte = bytes[i]!
    if (byte === SLASH) {
      if (!isValidSegment(bytes, segmentStart, i)) return false
      segmentStart = i + 1
    } else if (byte < 0x20) {
      return false
    } else if (byte >= 0x7f) {
      isPlain = false
    }
  }
  return isValidSegment(bytes, segmentStart, end) && (isPlain || isAllowed(utf8(bytes, start, end)))
}

function isValidSegment(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length === 0) return false
  if (bytes[start] !== DOT) return true
  return !(length === 1 || (length === 2 && bytes[start + 1] === DOT))
}

function isAllowed(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (isForbidden(text.charCodeAt(i))) return false
  return true
}

function isForbidden(unit: number): boolean {
  return (
    (unit >= 0x7f && unit <= 0x9f) ||
    (unit >= 0xd800 && unit <= 0xf8ff) ||
    (unit >= 0xfff0 && unit <= 0xffff)
  )
}

/** Where the last slash is: the parent's path ends there, and the parent of `/a` has an empty one.
 * `start` if there is no slash. */
export function lastSlash(bytes: Uint8Array, start: number, end: number): number {
  let at = end - 1
  while (at > start && bytes[at] !== SLASH) at--
  return at
}

export function startsWith(
  bytes: Uint8Array,
  start: number,
  end: number,
  prefix: Uint8Array,
): boolean {
  if (end - start < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false
  return true
}
