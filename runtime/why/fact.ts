// What stories are told from: events of the actors' journals and of the main thread, with the time.

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

export function textOf(fact: Fact, name: string): string {
  return String(fact.fields[name] ?? '')
}

/** 0 when it is none. */
export function numberOf(fact: Fact, name: string): number {
  const value = Number(fact.fields[name])
  return Number.isFinite(value) ? value : 0
}

/** A line of a facts file; null when it is none, as after a crash in the middle of one. */
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
