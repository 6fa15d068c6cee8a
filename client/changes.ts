// The change feed for programs: every committed change from a position on, from whichever of the servers
// answers. If one goes, the next one goes on where it ended, with no change missing and none told twice.
//
//   for await (const change of new Changes({ servers: ['http://zk1:8080'], authorization: 'digest super:x' })) ...
//
// It speaks to the servers' admin servers (`changes`, docs/changes.md), and is for administrators. Nothing is
// read ahead: a program that takes its time holds up nobody.

export interface TreeChange {
  /** The position behind this change: pass it as `from` to go on there. */
  readonly id: string
  /** `0x` and hexadecimal digits. */
  readonly zxid: string
  /** Milliseconds since 1970, by the leader's clock. */
  readonly time: number
  /** Whose request it was: `0x` and hexadecimal digits. */
  readonly session: string
  readonly kind: 'created' | 'changed' | 'deleted' | 'acl' | 'session-closed'
  /** Null only for `session-closed`: the session's ephemeral nodes are gone. */
  readonly path: string | null
  /** Versions before and after; null if there is none, or it is not known. */
  readonly from: number | null
  readonly to: number | null
  readonly ephemeral?: true
  /** Base64, if it was asked for and there is any. */
  readonly data?: string | null
}

export interface ChangesOptions {
  /** URLs of admin servers, such as `http://zk1:8080`. */
  readonly servers: readonly string[]
  /** As an auth packet: `digest super:secret`, `ip`. */
  readonly authorization: string
  /** Where to go on; from now on if it is missing. */
  readonly from?: string
  /** Only this node and what is below. */
  readonly path?: string
  readonly data?: boolean
  /** Ends the iteration. */
  readonly signal?: AbortSignal
  /** A server could not be read; the next one is tried. */
  readonly onProblem?: (problem: string) => void
}

/** The log does not hold what follows the position any more. */
export class ChangesBehindError extends Error {
  override readonly name = 'ChangesBehindError'
  /** Read this snapshot, and the changes after its zxid; null if there is none. */
  readonly snapshot: { readonly name: string; readonly zxid: string } | null

  constructor(position: string, snapshot: ChangesBehindError['snapshot']) {
    const advice = snapshot === null ? '' : `: begin with ${snapshot.name}, from=${snapshot.zxid}`
    super(`the log does not hold what follows ${position}${advice}`)
    this.snapshot = snapshot
  }
}

/** What no other server will answer better. */
class RefusedError extends Error {}

interface Line extends Partial<TreeChange> {
  readonly at?: string
  readonly behind?: { readonly snapshot: ChangesBehindError['snapshot'] }
  readonly failed?: string
}

const RETRY_MS = 500
const LINE_CHARS_MAX = 64 * 1024 * 1024

export class Changes implements AsyncIterable<TreeChange> {
  readonly #options: ChangesOptions
  #position: string | null

  constructor(options: ChangesOptions) {
    if (options.servers.length === 0) throw new Error('changes: no server is named')
    this.#options = options
    this.#position = options.from ?? null
  }

  /** Everything up to here has been yielded; null before anything is known. It moves on also while nothing of
   * interest happens. */
  get position(): string | null {
    return this.#position
  }

  /** Throws ChangesBehindError, and an Error if the request is refused. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TreeChange> {
    const { servers, signal, onProblem } = this.#options
    const isOver = (): boolean => signal?.aborted === true
    for (let tried = 0; !isOver(); tried++) {
      const server = servers[tried % servers.length]!
      try {
        yield* this.#from(server)
        onProblem?.(`${server}: the stream ended`)
      } catch (error) {
        if (isOver()) return
        if (error instanceof ChangesBehindError || error instanceof RefusedError) throw error
        onProblem?.(`${server}: ${error instanceof Error ? error.message : error}`)
      }
      await pause(signal)
    }
  }

  async *#from(server: string): AsyncGenerator<TreeChange> {
    const { authorization, path = '/', data = false, signal } = this.#options
    const url = new URL('/commands/changes', server)
    const query = { stream: 'lines', path, data: String(data) }
    url.search = new URLSearchParams({
      ...query,
      ...(this.#position && { from: this.#position }),
    }).toString()
    const answer = await fetch(url, { headers: { authorization }, ...(signal && { signal }) })
    if (answer.status !== 200 || answer.body === null) await this.#refuse(answer)
    else for await (const line of linesOf(answer.body)) yield* this.#told(line)
  }

  *#told(line: Line): Generator<TreeChange> {
    if (line.behind !== undefined) this.#behind(line.behind.snapshot)
    if (line.failed !== undefined) throw new Error(line.failed)
    if (line.at !== undefined) this.#position = line.at
    if (line.id === undefined) return
    this.#position = line.id
    yield line as TreeChange
  }

  async #refuse(answer: Response): Promise<never> {
    const text = await answer.text()
    let record: { error?: unknown; snapshot?: ChangesBehindError['snapshot'] } = {}
    try {
      record = JSON.parse(text)
    } catch {
      // Something else answers on that port.
    }
    if (answer.status === 410) this.#behind(record.snapshot ?? null)
    const problem = `${answer.status}: ${record.error ?? text.slice(0, 200)}`
    if ([400, 401, 403, 404].includes(answer.status)) throw new RefusedError(problem)
    throw new Error(problem)
  }

  #behind(snapshot: ChangesBehindError['snapshot']): never {
    throw new ChangesBehindError(this.#position ?? 'now', snapshot)
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true })
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    if (text.length > LINE_CHARS_MAX)
      throw new Error(`a line of more than ${text.length} characters`)
    for (const line of lines) yield JSON.parse(line)
  }
}

function pause(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, RETRY_MS)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
