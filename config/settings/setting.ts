// A setting: how its text is read, and what it sets.

import type { Kind } from './kinds.ts'

export interface Setting<Draft> {
  /** Ends the sentence "must be ...". */
  readonly allowed: string
  /** Null when the text is none of the allowed and nothing can start with it; otherwise remarks,
   * mostly none. */
  set(draft: Draft, text: string): readonly string[] | null
}

/** `apply` may return a remark, or null to refuse the value. */
export function setting<Draft, T>(
  kind: Kind<T>,
  apply: (draft: Draft, value: T) => string | null | undefined,
): Setting<Draft> {
  const { allowed, otherwise } = kind
  return {
    allowed,
    set: (draft, text) => {
      const value = kind.parse(text)
      if (value !== undefined) {
        const remark = apply(draft, value)
        return remark === null ? null : remark === undefined ? [] : [remark]
      }
      if (otherwise === undefined) return null
      if (otherwise.value !== undefined) apply(draft, otherwise.value)
      return [`must be ${allowed}; as with ZooKeeper, ${otherwise.said}`]
    },
  }
}

/** The value, or the nearest that is possible, and a remark then. */
export function within(
  value: number,
  min: number,
  max: number,
): { value: number; remark: string | undefined } {
  if (value < min) return { value: min, remark: `${min} is the least; that is used` }
  if (value > max) return { value: max, remark: `${max} is the most; that is used` }
  return { value, remark: undefined }
}
