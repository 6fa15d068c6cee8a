// The rules of a path, checked before a request is sent (PathUtils.validatePath).

const SEQUENCE_STANDIN = '1'

/** Null when `path` is valid, otherwise why not. */
export function pathProblem(path: string): string | null {
  if (path.length === 0) return 'Path length must be > 0'
  if (path[0] !== '/') return 'Path must start with / character'
  if (path.length === 1) return null
  if (path.endsWith('/')) return 'Path must not end with / character'
  for (let i = 1; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (isForbidden(code)) return `Invalid path string "${path}": character at ${i}`
  }
  for (const segment of path.slice(1).split('/')) {
    if (segment === '') return `Invalid path string "${path}": empty node name`
    if (segment === '.' || segment === '..') {
      return `Invalid path string "${path}": relative paths not allowed`
    }
  }
  return null
}

/** The same for a path to which the server will append a number: it may end in a slash. */
export function sequentialPathProblem(path: string): string | null {
  return pathProblem(path + SEQUENCE_STANDIN)
}

/** NUL, control characters, surrogates and private use, specials. */
function isForbidden(code: number): boolean {
  return (
    code <= 0x1f ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0xd800 && code <= 0xf8ff) ||
    code >= 0xfff0
  )
}

/** `parent` and a child's name as one path. */
export function childPath(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`
}
