// The facts of a server's stories, kept across its lives: in `stories`, beside the log.

import { join } from 'node:path'
import type { FactBook } from '../why/fact-book.ts'
import type { FactFiles } from '../why/fact-files.ts'
import { endProcess } from './end-process.ts'
import type { Logger } from './logger.ts'

export const STORIES_FOLDER = 'stories'
/** An outage should not take longer because it is told. For the last facts and what else is to be
 * written. */
const LAST_LINES_MS = 50

export class KeptFacts {
  readonly #book: FactBook
  readonly #folder: string
  readonly #logger: Logger
  #files: FactFiles | null = null
  #opened: Promise<void> = Promise.resolve()

  constructor(book: FactBook, dataLogDir: string, logger: Logger) {
    this.#book = book
    this.#folder = join(dataLogDir, STORIES_FOLDER)
    this.#logger = logger
  }

  /** Without its files a server tells the stories of this life alone. */
  open(): Promise<void> {
    this.#opened = this.#open()
    return this.#opened
  }

  /** Resolves when all facts so far have been written, or have been given up. */
  async flushed(): Promise<void> {
    await this.#opened
    await this.#files?.flushed()
  }

  /** Ends the process once its last facts and its audit log are on disk, or could not be written
   * soon. */
  async endProcess(code: number, audit: Promise<void>): Promise<never> {
    setTimeout(() => endProcess(code), LAST_LINES_MS)
    await Promise.all([this.flushed(), audit])
    return endProcess(code)
  }

  async #open(): Promise<void> {
    const { FactFiles } = await import('../why/fact-files.ts')
    try {
      const { files, facts } = await FactFiles.open(this.#folder)
      this.#files = files
      this.#book.open(facts, files)
    } catch (error) {
      this.#logger.warn({ folder: this.#folder, problem: String(error) }, 'stories are not kept')
    }
  }
}
