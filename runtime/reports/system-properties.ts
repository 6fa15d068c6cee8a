// `system_properties`: the -D arguments of the process, and what it runs on, sorted by name.
// Secrets are masked.

import { environment } from './environment.ts'

const GIVEN = /^-D([^=]+)(?:=(.*))?$/s
const SECRET = /password|secret|digest/i

export function systemProperties(argv: readonly string[] = process.argv): Record<string, string> {
  const properties: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment())) {
    if (/^(java|os|user)\./.test(name)) properties[name] = value
  }
  for (const argument of argv) {
    const [, name, value = ''] = GIVEN.exec(argument) ?? []
    if (name !== undefined) properties[name] = SECRET.test(name) ? '***' : value
  }
  return Object.fromEntries(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)))
}
