// A note beside the logs about a change to several files that must not be found half done.
//
//   foreign 0x200000005             a snapshot of this zxid may be there or appear, and does not
//                                   belong to the history here: no install of it was finished
//   install 0x200000005             the snapshot of this zxid is there, and all else is to go
//   cut 0x100000007 log.100000004 1234    the log ends before this offset; newer snapshots go too
//   cut 0x100000007                 it ends there already; newer snapshots go
//
// The note is replaced as a whole, and is durable before the first step that it speaks of. The next
// start carries that step out again, in whatever state the files are, and then removes the note.
//
//   none --install--> foreign --snapshotSaved--> install --files gone--> none
//                     foreign --fence--> (stays until the file has come, and gone)
//
// The file of an abandoned snapshot is written by another thread, which may finish it at any time.
// If the note were removed when the install is abandoned, a crash could leave that file behind, and
// nothing would say that it belongs to another history.

import { assert } from '../../../protocol/assert.ts'
import { utf8, utf8Bytes } from '../../../protocol/bytes/text.ts'
import { formatZxid, isZxid, type Zxid, zxidOf } from '../../../protocol/zxid.ts'
import { LossError, REMEDY_RESTORE } from './errors.ts'
import { isLogName } from './file-names.ts'
import type { Files } from './files.ts'
import { readFile, replaceFile } from './whole-file.ts'

export const UNFINISHED_NAME = 'unfinished'

/** How many installs may be abandoned before their snapshots are written. One is written at a time,
 * and the next install takes as long as the leader needs to send a whole tree. */
const FOREIGN_MAX = 256
const LINE_BYTES_MAX = 80

/** Where a log is cut: `name` and `offset` of the first entry that goes; null if no entry does. */
export interface Cut {
  readonly zxid: Zxid
  readonly name: string | null
  readonly offset: number
}

export interface ZxidSet {
  readonly size: number
  has(zxid: Zxid): boolean
}

export type Step =
  | { readonly kind: 'install'; readonly zxid: Zxid }
  | { readonly kind: 'cut'; readonly cut: Cut }

export class Unfinished {
  readonly #files: Files
  /** Zxids of foreign snapshots, with the number of files of each that are still to come. */
  #foreign: Map<Zxid, number> = new Map()
  #step: Step | null = null

  constructor(files: Files) {
    this.#files = files
  }

  /** The zxids of snapshots that must not be used, wherever they turn up. */
  get foreign(): ZxidSet {
    return this.#foreign
  }

  get step(): Step | null {
    return this.#step
  }

  /** Reads the note, at the start. */
  read(): void {
    const bytesMax = (FOREIGN_MAX + 1) * LINE_BYTES_MAX
    const bytes = readFile(this.#files, 'log', UNFINISHED_NAME, bytesMax)
    if (bytes === null) return
    const lines = utf8(bytes, 0, bytes.length).split('\n')
    // A note ends with a newline; without one it is not complete.
    if (lines.pop() !== '' || lines.length === 0) refuse('')
    for (const line of lines) this.#readLine(line)
  }

  /** Called at the start of a folder whose history is lost. A step has nothing left to do there,
   * and a note that cannot be read is ignored. */
  salvage(): void {
    this.#foreign = new Map()
    try {
      this.read()
    } catch (error) {
      if (!(error instanceof LossError)) throw error
    }
    this.#step = null
  }

  /** A snapshot of this zxid is about to be written that may never belong to the history here. */
  disown(zxid: Zxid): void {
    const count = this.#foreign.get(zxid) ?? 0
    assert(this.#foreign.size < FOREIGN_MAX, 'too many snapshots of abandoned installs')
    this.#foreign.set(zxid, count + 1)
    if (count === 0) this.#save()
  }

  /** The file of an abandoned snapshot has come, and was removed. If the leader sent the same
   * snapshot again, and that was abandoned too, another file of this zxid is still to come. */
  forget(zxid: Zxid): void {
    const count = this.#foreign.get(zxid) ?? 0
    if (count > 1) {
      this.#foreign.set(zxid, count - 1)
    } else if (this.#foreign.delete(zxid)) {
      this.#save()
    }
  }

  begin(step: Step): void {
    assert(this.#step === null, 'a step within another')
    if (step.kind === 'install') this.#foreign.delete(step.zxid)
    this.#step = step
    this.#save()
  }

  /** The files are durably as the step wanted them. */
  end(): void {
    if (this.#step === null) return
    this.#step = null
    this.#save()
  }

  /** Removes the note: no step is under way, and nothing foreign is left. */
  clear(): void {
    assert(this.#step === null, 'cleared in the middle of a step')
    if (this.#foreign.size === 0) return
    this.#foreign = new Map()
    this.#save()
  }

  #save(): void {
    const lines = [...this.#foreign.keys()].map((zxid) => `foreign ${formatZxid(zxid)}\n`)
    if (this.#step !== null) lines.push(`${textOf(this.#step)}\n`)
    if (lines.length > 0) {
      replaceFile(this.#files, 'log', UNFINISHED_NAME, utf8Bytes(lines.join('')))
      return
    }
    this.#files.remove('log', UNFINISHED_NAME)
    this.#files.syncFolder('log')
  }

  #readLine(line: string): void {
    const [kind, zxidText = '', name = null, offset = '0', ...more] = line.split(' ')
    const zxid = zxidFrom(zxidText)
    if (zxid === null || more.length > 0) refuse(line)
    if (kind === 'foreign' && name === null) {
      this.#foreign.set(zxid, 1)
    } else if (kind === 'install' && name === null && this.#step === null) {
      this.#step = { kind, zxid }
    } else if (kind === 'cut' && this.#step === null && /^\d{1,15}$/.test(offset)) {
      if (name !== null && !isLogName(name)) refuse(line)
      this.#step = { kind, cut: { zxid, name, offset: Number(offset) } }
    } else {
      refuse(line)
    }
  }
}

function textOf(step: Step): string {
  if (step.kind === 'install') return `install ${formatZxid(step.zxid)}`
  const { zxid, name, offset } = step.cut
  return name === null ? `cut ${formatZxid(zxid)}` : `cut ${formatZxid(zxid)} ${name} ${offset}`
}

function zxidFrom(text: string): Zxid | null {
  if (!/^0x[0-9a-f]{1,16}$/.test(text)) return null
  const value = BigInt(text)
  const high = Number(value >> 32n)
  return isZxid(high) ? zxidOf(high, Number(value & 0xffff_ffffn)) : null
}

function refuse(line: string): never {
  throw new LossError(
    UNFINISHED_NAME,
    -1,
    `it holds '${line}', which does not describe a change that was begun`,
    REMEDY_RESTORE,
  )
}
