// Splits a line into the command and its arguments. An argument in single or double quotes may hold
// spaces; quotes inside an argument stay as they are, and nothing is escaped.

const TOKEN = /\s*([^"']\S*|"[^"]*"|'[^']*')\s*/g
const QUOTED = /^(['"])(.*)\1$/s

export function tokenize(line: string): string[] {
  const tokens: string[] = []
  for (const match of line.trim().matchAll(TOKEN)) {
    const token = match[1]!
    tokens.push(QUOTED.test(token) ? token.slice(1, -1) : token)
  }
  return tokens
}
