// When files that no kept snapshot needs are removed. Removal may fail: an operator's own clean-up
// was quicker, or an old file is unreadable. Nothing that anybody counts on depends on it, and the
// next snapshot tries again.

import type { Clock } from '../actor.ts'
import type { Files } from './files/files.ts'
import type { Spares } from './files/spare.ts'
import type { ZxidSet } from './files/unfinished.ts'
import type { LogHooks, LogOptions } from './options.ts'
import { Purge, purgeable } from './purge.ts'
import type { Readers } from './readers.ts'
import { beyondRetention } from './retention.ts'

export class Purging {
  readonly #options: LogOptions
  readonly #files: Files
  readonly #hooks: LogHooks
  readonly #readers: Readers
  readonly #clock: Pick<Clock, 'wallMs'>
  readonly #purge: Purge

  constructor(
    options: LogOptions,
    files: Files,
    hooks: LogHooks,
    readers: Readers,
    clock: Pick<Clock, 'wallMs'>,
  ) {
    this.#options = options
    this.#files = files
    this.#hooks = hooks
    this.#readers = readers
    this.#clock = clock
    this.#purge = new Purge(files, options.preAllocSizeBytes, (removal) => readers.holds(removal))
  }

  get spares(): Spares {
    return this.#purge.spares
  }

  get pending(): boolean {
    return this.#purge.pending
  }

  /** There is a new snapshot. */
  begin(foreign: ZxidSet): void {
    const { purge, snapRetainCount } = this.#options
    if (!purge) return
    this.#tolerate(() => {
      const all = purgeable(this.#files, snapRetainCount, foreign)
      const removals = beyondRetention(this.#files, all, this.#options, this.#clock.wallMs)
      this.#readers.limitHeld(removals)
      this.#purge.begin(removals)
    })
  }

  step(): void {
    this.#tolerate(() => {
      const file = this.#purge.step()
      if (file !== null) this.#hooks.log('info', 'purged', { file })
    })
  }

  abandon(): void {
    this.#purge.abandon()
  }

  #tolerate(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#purge.abandon()
      this.#hooks.log('warn', 'purge-failed', { why: String(error) })
    }
  }
}
