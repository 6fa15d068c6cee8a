// What must never be printed: passwords and digests of passwords, wherever a setting's value gets
// into a log line, an error message, or an answer to an operator.

const SECRET_NAME = /passw(or)?d(?!path)|secret|superdigest/i

export function isSecret(name: string): boolean {
  return SECRET_NAME.test(name)
}

/** The value, or stars instead. */
export function shown(name: string, value: string): string {
  return isSecret(name) ? '***' : value
}
