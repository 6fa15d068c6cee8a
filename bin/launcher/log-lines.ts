// The logs of several servers on one terminal: whole lines, each with its server's number in front,
// and only those that matter.

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}
const WARN = 40
/** The limit for a line that never ends. The rest of it follows as another line. */
const LINE_CHARS_MAX = 16_384

/** What a newcomer wants to see although nothing is wrong. */
const EVENTS: ReadonlySet<string> = new Set(['leading', 'following', 'observing', 'read-only'])

export type LineDetail = 'matters' | 'everything'

/** Cuts chunks into lines, and passes on those that are to be shown. */
export class LogLines {
  readonly #prefix: string
  readonly #detail: LineDetail
  readonly #show: (line: string) => void
  #rest = ''

  constructor(server: number, detail: LineDetail, show: (line: string) => void) {
    this.#prefix = `[${server}] `
    this.#detail = detail
    this.#show = show
  }

  feed(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
    while (this.#rest.length > LINE_CHARS_MAX) {
      this.#line(this.#rest.slice(0, LINE_CHARS_MAX))
      this.#rest = this.#rest.slice(LINE_CHARS_MAX)
    }
  }

  /** Shows what was printed without a line end. */
  end(): void {
    if (this.#rest !== '') this.#line(this.#rest)
    this.#rest = ''
  }

  #line(line: string): void {
    const text = readable(line.replace(/\r$/, ''), this.#detail)
    if (text !== null) this.#show(`${this.#prefix}${text}`)
  }
}

/** Null for what need not be shown. Anything that is no log record is shown as it is, because it
 * was not expected. */
function readable(line: string, detail: LineDetail): string | null {
  if (line.trim() === '') return null
  const record = recordIn(line)
  if (record === null) return line
  const { level, time: _, msg, event, ...fields } = record
  const message = String(msg ?? event ?? '')
  const matters = Number(level) >= WARN || EVENTS.has(message) || EVENTS.has(String(event))
  if (detail === 'matters' && !matters) return null
  const more = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`)
  return [`${LEVELS[Number(level)] ?? level}:`, message, ...more].join(' ')
}

function recordIn(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null
  try {
    const record: unknown = JSON.parse(line)
    const isRecord = typeof record === 'object' && record !== null && 'level' in record
    return isRecord ? (record as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** For an error, its message and stack. */
function valueText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'stack' in value) return String(value.stack)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
