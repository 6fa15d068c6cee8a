// Programmer errors. A failed assertion ends the process. A client's mistake or a broken peer never
// reaches one: those are values (error-code.ts).

export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** Ends an exhaustive switch: the compiler proves that no case is missing. */
export function assertNever(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`)
}
