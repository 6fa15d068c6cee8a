// The hash of a path: FNV-1a over its UTF-8 bytes. It streams, so that a child's hash continues
// from its parent's. The root is the empty path.

import { SLASH } from '../path.ts'

const PRIME = 0x01000193

/** The hash of the root. */
export const ROOT_HASH: number = 0x811c9dc5 | 0

/** Continues from `basis` over a range. */
export function hashOn(basis: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = basis
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, PRIME)
  return hash
}

/** Continues from a parent's hash to where a child's name begins. */
export function hashSlash(parent: number): number {
  return Math.imul(parent ^ SLASH, PRIME)
}

/** The hash of a whole path. "/" and "" are the root. */
export function pathHash(bytes: Uint8Array, start: number, end: number): number {
  if (end - start <= 1) return ROOT_HASH
  return hashOn(ROOT_HASH, bytes, start, end)
}
