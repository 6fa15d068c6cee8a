// Facts on disk, beside the log: two files of bounded size, the older of which is begun anew when the
// newer is full. Each is a line of JSON for a fact, then empty lines to its end: its space is taken when
// it is made, so that a disk that is full keeps the last words too.
//
// Nobody waits for this disk, which may hang: what cannot be written soon enough is lost.

import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fact, factOf } from './fact.ts'
import type { FactStore } from './fact-book.ts'

export const FACT_FILES: readonly string[] = ['facts.0', 'facts.1']
const FILE_BYTES = 256 << 10
/** Characters that may wait for the disk. */
const WAITING_MAX = 64 << 10
const LINE_FEED = '\n'.charCodeAt(0)

export class FactFiles implements FactStore {
  readonly #folder: string
  #file: FileHandle | null = null
  #current = 0
  #position = 0
  #waiting: string[] = []
  #waitingChars = 0
  #writing: Promise<void> | null = null

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Files of the folder that `read` has been asked for, to be written on. */
  static async open(folder: string): Promise<{ files: FactFiles; facts: Fact[] }> {
    await mkdir(folder, { recursive: true })
    const files = new FactFiles(folder)
    const texts = await Promise.all(FACT_FILES.map((name) => textOf(join(folder, name))))
    const lists = texts.map(factsOf)
    const [first = 0, second = 0] = lists.map((list) => list.at(-1)?.wallMs ?? 0)
    files.#current = second > first ? 1 : 0
    await files.#openCurrent(texts[files.#current] ?? '')
    const older = lists[1 - files.#current] ?? []
    return { files, facts: [...older, ...(lists[files.#current] ?? [])] }
  }

  append(fact: Fact): void {
    const line = `${JSON.stringify(fact)}\n`
    if (this.#waitingChars + line.length > WAITING_MAX) return
    this.#waiting.push(line)
    this.#waitingChars += line.length
    this.#writing ??= this.#write()
  }

  /** Resolves when what was appended is with the system, or has been given up. */
  async flushed(): Promise<void> {
    await this.#writing
  }

  async close(): Promise<void> {
    await this.flushed()
    await this.#file?.close()
    this.#file = null
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const bytes = Buffer.from(this.#waiting.join(''))
        this.#waiting = []
        this.#waitingChars = 0
        if (this.#position + bytes.length > FILE_BYTES) await this.#next()
        await this.#file?.write(bytes, 0, bytes.length, this.#position)
        this.#position += bytes.length
      }
    } catch {
      // A disk that fails ends the server by the log; these lines are lost.
    }
    this.#writing = null
  }

  async #next(): Promise<void> {
    await this.#file?.close()
    this.#file = null
    this.#current = 1 - this.#current
    await this.#openCurrent('')
  }

  async #openCurrent(text: string): Promise<void> {
    const path = join(this.#folder, FACT_FILES[this.#current] ?? '')
    const used = Buffer.byteLength(text.trimEnd())
    this.#file = await open(path, text === '' ? 'w+' : 'r+')
    this.#position = used === 0 ? 0 : used + 1
    const { size } = await this.#file.stat()
    if (size >= FILE_BYTES) return
    await this.#file.write(Buffer.alloc(FILE_BYTES - size, LINE_FEED), 0, FILE_BYTES - size, size)
  }
}

/** Of a server that need not be running; oldest first. */
export async function readFactFiles(folder: string): Promise<Fact[]> {
  const texts = await Promise.all(FACT_FILES.map((name) => textOf(join(folder, name))))
  return texts.flatMap(factsOf).sort((a, b) => a.wallMs - b.wallMs)
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function factsOf(text: string): Fact[] {
  return text
    .split('\n')
    .map((line) => (line === '' ? null : factOf(line)))
    .filter((fact) => fact !== null)
}
