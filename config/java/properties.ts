// The syntax of zoo.cfg: Java's properties files, as java.util.Properties.load reads them, with the
// line numbers that error messages need.
//
//   # comment      ! comment      key=value      key:value      key value
//   a backslash at the end of a line joins the next one to it, less its leading blanks
//   \t \n \r \f \uXXXX are characters; any other character behind a backslash is itself
//
// The first '=', ':' or blank that is not escaped ends the key; blanks around it belong to neither.

export interface PropertyEntry {
  readonly key: string
  readonly value: string
  /** As written, from the key to the end. */
  readonly text: string
  /** The line on which the entry begins, counted from 1. */
  readonly line: number
}

/** What is wrong with the text, and where. */
export class PropertiesError extends Error {
  override readonly name = 'PropertiesError'
  readonly line: number

  constructor(line: number, problem: string) {
    super(problem)
    this.line = line
  }
}

/** Every entry in the order of the file, including repeated keys. Throws PropertiesError. */
export function parseProperties(text: string): PropertyEntry[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  const entries: PropertyEntry[] = []
  for (let i = 0; i < lines.length; i++) {
    const line = i + 1
    let logical = withoutLeadingBlanks(lines[i] ?? '')
    if (/^(?:$|[#!]|\\$)/.test(logical)) continue
    while (endsInBackslash(logical) && i + 1 < lines.length) {
      i++
      logical = logical.slice(0, -1) + withoutLeadingBlanks(lines[i] ?? '')
    }
    if (endsInBackslash(logical)) logical = logical.slice(0, -1)
    entries.push(entryOf(logical, line))
  }
  return entries
}

function withoutLeadingBlanks(text: string): string {
  return text.replace(/^[ \t\f]+/, '')
}

/** An even number of backslashes is half as many escaped ones. */
function endsInBackslash(text: string): boolean {
  const count = /\\*$/.exec(text)?.[0].length ?? 0
  return count % 2 === 1
}

function entryOf(text: string, line: number): PropertyEntry {
  const keyEnd = /(?:\\.|[^\\=: \t\f])*/.exec(text)?.[0].length ?? 0
  const separator = /^[ \t\f]*[=:]?[ \t\f]*/.exec(text.slice(keyEnd))?.[0].length ?? 0
  return {
    key: unescaped(text.slice(0, keyEnd), line),
    value: unescaped(text.slice(keyEnd + separator), line),
    text,
    line,
  }
}

const CONTROL: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescaped(text: string, line: number): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_whole, escaped: string) => {
    if (escaped.length > 1) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    if (escaped === 'u') throw new PropertiesError(line, '\\u needs four hexadecimal digits')
    return CONTROL[escaped] ?? escaped
  })
}
