// What several servers log, on one terminal: whole lines, each with its server's number in front,
// and of those only what matters.

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}
const WARN = 40
/** Of a line that never ends; the rest of it follows as another. */
const LINE_CHARS_MAX = 16_384

/** What a newcomer wants to see though nothing is wrong. */
const EVENTS: ReadonlySet<string> = new Set(['leading', 'following', 'observing', 'read-only'])

export type LineDetail = 'matters' | 'everything'

/** Cuts chunks into lines and hands on those to show. */
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

  /** What was said without a line's end. */
  end(): void {
    if (this.#rest !== '') this.#line(this.#rest)
    this.#rest = ''
  }

  #line(line: string): void {
    const text = readable(line.replace(/\r$/, ''), this.#detail)
    if (text !== null) this.#show(`${this.#prefix}${text}`)
  }
}

/** Null for what need not be shown. What is no log record is shown as it is: it was not expected. */
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

/** Of an error, what it says and where. */
function valueText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'stack' in value) return String(value.stack)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
