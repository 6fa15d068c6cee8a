// Loads what the disk holds, in steps: the history for the tree; promises and last transactions for
// zab.
//
// If the disk has lost what its member acknowledged, the member starts with nothing, and says so
// (`damaged`). Were it to vote, or to show a history, others might count it for what is lost. This
// lasts over restarts (damaged-note.ts). The files stay as they are until another history replaces
// them, so that an operator can still make use of them.

import { known } from '../../../protocol/assert.ts'
import { formatZxid, ZXID_NONE, ZXID_ZERO } from '../../../protocol/zxid.ts'
import { readDamaged, writeDamaged } from '../files/damaged-note.ts'
import { type Epochs, type EpochWriter, promisesLeft } from '../files/epoch-files.ts'
import { DiskError, LossError } from '../files/errors.ts'
import type { Files } from '../files/files.ts'
import { readMark } from '../files/synced-mark.ts'
import type { Unfinished } from '../files/unfinished.ts'
import type { LogHooks, LogNeighbours, LogOptions } from '../options.ts'
import { Recall } from './recall.ts'
import type { Recovered } from './recovered.ts'
import { Recovery } from './recovery.ts'
import { writeOrigin } from './replacement.ts'

export class Loading {
  readonly #options: LogOptions
  readonly #files: Files
  readonly #hooks: LogHooks
  readonly #neighbours: LogNeighbours
  readonly #unfinished: Unfinished
  readonly #epochs: EpochWriter
  #kind: 'start' | 'reload' = 'start'
  #recall: Recall
  #steps: Generator<void, Recovered, void> | null

  constructor(
    options: LogOptions,
    files: Files,
    hooks: LogHooks,
    neighbours: LogNeighbours,
    unfinished: Unfinished,
    epochs: EpochWriter,
  ) {
    this.#options = options
    this.#files = files
    this.#hooks = hooks
    this.#neighbours = neighbours
    this.#unfinished = unfinished
    this.#epochs = epochs
    this.#recall = new Recall(neighbours.tree, options.commitLogCount)
    this.#steps = this.#begin('start')
  }

  get isUnderWay(): boolean {
    return this.#steps !== null
  }

  reload(): void {
    this.#steps = this.#begin('reload')
    this.#neighbours.tree.loading()
  }

  /** One step. If it was the last: what was found. */
  step(): Recovered | null {
    const recovered = this.#take()
    if (recovered === null) return null
    this.#steps = null
    if (recovered.fresh) write('beginning the log', () => writeOrigin(this.#files))
    this.#hooks.log('info', 'log-recovered', {
      lastZxid: formatZxid(recovered.lastZxid),
      snapshotZxid: formatZxid(recovered.snapshotZxid),
      transactions: recovered.replayedCount,
    })
    const { zab } = this.#neighbours
    if (recovered.epochs !== null) {
      const { epochs } = recovered
      write('writing an epoch', () => this.#epochs.complete(epochs))
      zab.epochs(epochs.accepted, epochs.current)
    }
    if (recovered.isLost) zab.damaged()
    else if (this.#options.ensemble) this.#recall.tell(zab)
    return recovered
  }

  #begin(kind: 'start' | 'reload'): Generator<void, Recovered, void> {
    this.#kind = kind
    this.#recall = new Recall(this.#neighbours.tree, this.#options.commitLogCount)
    const scope = { kind }
    const [options, files, hooks] = [this.#options, this.#files, this.#hooks]
    return new Recovery(options, files, this.#recall, hooks, this.#unfinished, scope).run()
  }

  #take(): Recovered | null {
    try {
      const step = known(this.#steps, 'a load under way').next()
      return step.done === true ? step.value : null
    } catch (error) {
      if (!(error instanceof LossError) || !this.#options.rejoins) throw error
      return this.#withoutHistory(error)
    }
  }

  #withoutHistory({ message }: LossError): Recovered {
    const files = this.#files
    this.#hooks.log('error', 'damaged', { why: message })
    if (readDamaged(files) === null) write('noting damage', () => writeDamaged(files, message))
    const isStart = this.#kind === 'start'
    if (isStart) this.#unfinished.salvage()
    const epochs: Epochs | null = isStart
      ? { ...promisesLeft(files, readMark(files)), missing: [] }
      : null
    this.#neighbours.tree.loading()
    return {
      lastZxid: ZXID_ZERO,
      snapshotZxid: ZXID_NONE,
      replayedCount: 0,
      replayedBytes: 0,
      fresh: false,
      isLost: true,
      epochs,
      beyond: null,
    }
  }
}

function write(doing: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new DiskError('the transaction log', doing, error)
  }
}
