// A fact: an event from an actor's journal or from the main thread, with its time. Stories are told
// from facts.

export interface Fact {
  /** Milliseconds since 1970, by this server's clock. */
  readonly wallMs: number
  /** An actor, or `server`. */
  readonly actor: string
  /** In kebab-case, as in the operator's log. */
  readonly event: string
  readonly fields: Fields
}

export type Fields = Readonly<Record<string, string | number>>

/** A field as text; empty if the fact has no such field. */
export function textOf(fact: Fact, name: string): string {
  return String(fact.fields[name] ?? '')
}

/** A field as a number; 0 if there is no such field, or if it is not a number. */
export function numberOf(fact: Fact, name: string): number {
  const value = Number(fact.fields[name])
  return Number.isFinite(value) ? value : 0
}

/** The fact in a line of a facts file; null if the line is not a fact, as after a crash while it
 * was written. */
export function factOf(line: string): Fact | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { wallMs, actor, event, fields } = value as Record<string, unknown>
  const isFact =
    typeof wallMs === 'number' &&
    typeof actor === 'string' &&
    typeof event === 'string' &&
    typeof fields === 'object' &&
    fields !== null
  return isFact ? { wallMs, actor, event, fields: fields as Fields } : null
}
