// The facts of a server's stories, kept across its lives: in `stories`, beside the log.

import { join } from 'node:path'
import type { FactBook } from '../why/fact-book.ts'
import type { FactFiles } from '../why/fact-files.ts'
import type { Logger } from './logger.ts'

export const STORIES_FOLDER = 'stories'

export class KeptFacts {
  readonly #book: FactBook
  readonly #folder: string
  readonly #logger: Logger
  #files: FactFiles | null = null

  constructor(book: FactBook, dataLogDir: string, logger: Logger) {
    this.#book = book
    this.#folder = join(dataLogDir, STORIES_FOLDER)
    this.#logger = logger
  }

  /** Without its files a server tells the stories of this life alone. */
  async open(): Promise<void> {
    const { FactFiles } = await import('../why/fact-files.ts')
    try {
      const { files, facts } = await FactFiles.open(this.#folder)
      this.#files = files
      this.#book.open(facts, files)
    } catch (error) {
      this.#logger.warn({ folder: this.#folder, problem: String(error) }, 'stories are not kept')
    }
  }

  async flushed(): Promise<void> {
    await this.#files?.flushed()
  }
}
