// Facts on disk, beside the log, in two files of bounded size. When the newer file is full, the
// older one is overwritten. A file holds one line of JSON for each fact, then empty lines up to its
// size. Its space is taken when it is made, so the last facts can be written even when the disk is
// full.
//
// Nobody waits for this disk, because it may hang: facts that cannot be written soon enough are
// lost.

import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fact, factOf } from './fact.ts'
import type { FactStore } from './fact-book.ts'

export const FACT_FILES: readonly string[] = ['facts.0', 'facts.1']
const FILE_BYTES = 256 << 10
/** Characters that may wait for the disk. Facts beyond that are dropped. */
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

  /** Opens the folder's files for more facts, and returns those they hold, oldest first. Makes the
   * folder and the files if they are missing. Rejects if the system does not allow it. */
  static async open(folder: string): Promise<{ files: FactFiles; facts: Fact[] }> {
    await mkdir(folder, { recursive: true })
    const files = new FactFiles(folder)
    const { facts, texts, current } = await read(folder)
    files.#current = current
    await files.#openCurrent(texts[current] ?? '')
    return { files, facts }
  }

  append(fact: Fact): void {
    const line = `${JSON.stringify(fact)}\n`
    if (this.#waitingChars + line.length > WAITING_MAX) return
    this.#waiting.push(line)
    this.#waitingChars += line.length
    this.#writing ??= this.#write()
  }

  /** Resolves when all that was appended has been written to the file, or has been given up. Never
   * rejects. */
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
      // These lines are lost. If the disk has failed, the log ends the server.
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

/** The facts in a folder, in the order in which they were appended. The server need not be running.
 * Rejects if a file cannot be read; a missing file holds nothing. */
export async function readFactFiles(folder: string): Promise<Fact[]> {
  return (await read(folder)).facts
}

/** `current`: the file with the newest facts. */
async function read(
  folder: string,
): Promise<{ facts: Fact[]; texts: readonly string[]; current: number }> {
  const texts = await Promise.all(FACT_FILES.map((name) => textOf(join(folder, name))))
  const [first = [], second = []] = texts.map(factsOf)
  const isSecond = (second.at(-1)?.wallMs ?? 0) > (first.at(-1)?.wallMs ?? 0)
  const facts = isSecond ? [...first, ...second] : [...second, ...first]
  return { facts, texts, current: isSecond ? 1 : 0 }
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
