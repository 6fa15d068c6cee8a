// Which paths are allowed (PathUtils.validatePath) and the small questions asked of them.

export const QUOTA_ROOT = '/zookeeper/quota'
export const CONFIG_NODE = '/zookeeper/config'
const PROTECTED: ReadonlySet<string> = new Set(['/', '', '/zookeeper', QUOTA_ROOT, CONFIG_NODE])

/** Nodes that cannot be deleted. */
export function isProtected(path: string): boolean {
  return PROTECTED.has(path)
}

/** Absolute, no empty or dot segment, no trailing slash but the root's, no character that a path
 * must not contain. */
export function isValidPath(path: string): boolean {
  if (path.length === 0 || path.charCodeAt(0) !== 0x2f) return false
  if (path.length === 1) return true
  if (path.charCodeAt(path.length - 1) === 0x2f) return false
  let segmentStart = 1
  for (let i = 1; i <= path.length; i++) {
    const unit = i < path.length ? path.charCodeAt(i) : 0x2f
    if (unit === 0x2f) {
      if (!isValidSegment(path, segmentStart, i)) return false
      segmentStart = i + 1
    } else if (isForbidden(unit)) {
      return false
    }
  }
  return true
}

function isValidSegment(path: string, start: number, end: number): boolean {
  const length = end - start
  if (length === 0) return false
  if (path.charCodeAt(start) !== 0x2e) return true
  return !(length === 1 || (length === 2 && path.charCodeAt(start + 1) === 0x2e))
}

function isForbidden(unit: number): boolean {
  if (unit >= 0x20 && unit < 0x7f) return false
  return (
    unit <= 0x1f ||
    (unit >= 0x7f && unit <= 0x9f) ||
    (unit >= 0xd800 && unit <= 0xf8ff) ||
    (unit >= 0xfff0 && unit <= 0xffff)
  )
}

/** The parent of `/a` is the empty path. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
