// Reads Java's login configurations, which are JAAS files (sun.security.provider.ConfigFile):
//
//   Server {
//     org.apache.zookeeper.server.auth.DigestLoginModule required
//     user_alice="her password"   // comments as in Java
//     user_bob='his';
//   };
//
// If anything in a file is wrong, nothing in it counts. A message names the line, but no value:
// values are passwords.

export interface LoginModule {
  readonly className: string
  readonly options: ReadonlyMap<string, string>
}

/** The modules of each section, by the section's name. */
export type LoginSections = ReadonlyMap<string, readonly LoginModule[]>

/** What is wrong with a file, and in which line. */
export class JaasError extends Error {
  override readonly name = 'JaasError'
  readonly line: number

  constructor(line: number, problem: string) {
    super(problem)
    this.line = line
  }
}

const FLAGS: ReadonlySet<string> = new Set(['required', 'requisite', 'sufficient', 'optional'])

interface Token {
  readonly kind: 'word' | 'text' | 'sign' | 'end'
  readonly text: string
  readonly line: number
}

/** All sections of a file. `property` returns the value of a system property that the file names as
 * `${name}`, or undefined if there is none. Throws JaasError. */
export function parseJaas(
  text: string,
  property: (name: string) => string | undefined,
): LoginSections {
  const parser = new Parser(tokensOf(text), property)
  const sections = new Map<string, readonly LoginModule[]>()
  while (!parser.isAtEnd) {
    const { line } = parser.here
    const name = parser.name("a section's name")
    if (sections.has(name)) throw new JaasError(line, `a second section ${name}`)
    sections.set(name, parser.section())
  }
  return sections
}

class Parser {
  readonly #tokens: readonly Token[]
  readonly #property: (name: string) => string | undefined
  #at = 0

  constructor(tokens: readonly Token[], property: (name: string) => string | undefined) {
    this.#tokens = tokens
    this.#property = property
  }

  get here(): Token {
    return this.#tokens[this.#at]!
  }

  get isAtEnd(): boolean {
    return this.here.kind === 'end'
  }

  section(): LoginModule[] {
    const modules: LoginModule[] = []
    this.#sign('{')
    while (!this.#isSign('}')) modules.push(this.#module())
    this.#sign('}')
    this.#sign(';')
    return modules
  }

  name(what: string): string {
    const { kind, text, line } = this.here
    if (kind !== 'word' && kind !== 'text') throw new JaasError(line, `${what} is missing`)
    this.#at++
    return text
  }

  #module(): LoginModule {
    const className = this.name("a login module's class, or }")
    const { line } = this.here
    const flag = this.name('required, requisite, sufficient or optional')
    if (!FLAGS.has(flag.toLowerCase())) {
      throw new JaasError(line, 'must be required, requisite, sufficient or optional')
    }
    const options = new Map<string, string>()
    while (!this.#isSign(';')) {
      const key = this.name("an option's name, or ;")
      this.#sign('=')
      options.set(key, this.#expanded(this.here.line, this.name(`the value of ${key}`)))
    }
    this.#sign(';')
    return { className, options }
  }

  /** `${name}` is a system property, `${/}` the separator of paths. */
  #expanded(line: number, text: string): string {
    return text.replace(/\$\{([^}]*)\}/g, (_whole, name: string) => {
      const value = name === '/' ? '/' : this.#property(name)
      if (value === undefined) throw new JaasError(line, `there is no system property ${name}`)
      return value
    })
  }

  #isSign(sign: string): boolean {
    return this.here.kind === 'sign' && this.here.text === sign
  }

  #sign(sign: string): void {
    if (!this.#isSign(sign)) throw new JaasError(this.here.line, `a ${sign} is missing`)
    this.#at++
  }
}

/** As java.io.StreamTokenizer is set up there: a quoted string ends with its line. */
const TOKEN =
  /[\0- ]+|\/\/[^\r\n]*|\/\*.*?\*\/|"((?:[^"\\\r\n]|\\[^\r\n])*)"|'((?:[^'\\\r\n]|\\[^\r\n])*)'|([\w$.*\u0080-\uffff-]+)|([{};=])/sy

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  let at = 0
  while (at < text.length) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match === null) throw new JaasError(line, problemAt(text[at]!))
    const [whole, double, single, word, sign] = match
    const quoted = double ?? single
    if (quoted !== undefined) tokens.push({ kind: 'text', text: unescaped(quoted), line })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, line })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, line })
    else line += whole.split(/\r\n|\r|\n/).length - 1
    at += whole.length
  }
  tokens.push({ kind: 'end', text: '', line })
  return tokens
}

function problemAt(letter: string): string {
  if (letter === '"' || letter === "'") return 'a quoted value does not end in its line'
  return letter === '/' ? 'a comment does not end' : `${JSON.stringify(letter)} must be quoted`
}

const CONTROL: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** Replaces \n and the like, and up to three octal digits after a backslash. Any other character
 * after a backslash stands for itself. */
function unescaped(text: string): string {
  return text.replace(/\\([0-3][0-7]{0,2}|[4-7][0-7]?|.)/gs, (_whole, escaped: string) =>
    /^[0-7]/.test(escaped)
      ? String.fromCharCode(Number.parseInt(escaped, 8))
      : (CONTROL[escaped] ?? escaped),
  )
}
