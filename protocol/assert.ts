// Programmer errors. A failed assertion ends the process. A client's mistake or a broken peer never
// reaches one: those are values (error-code.ts).

export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** The value, where a missing one is a programmer error: a null would go on as a 0. */
export function known<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new AssertionError(`not known: ${what}`)
  return value
}

/** Ends an exhaustive switch: the compiler proves that no case is missing. */
export function assertNever(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`)
}
