// The two promises of a member of an ensemble, in files as ZooKeeper writes them, beside the
// snapshots (QuorumPeer.loadDataBase, writeLongToFile): one line with a decimal number. ZooKeeper
// reads no further, so we add a second line: a checksum of the file's name and number. It exposes a
// file that has changed on the disk, which might otherwise promise more than was ever promised:
//
//   12
//   ringkeeper adler32 09ab0cd3
//
// ZooKeeper does not sync the folder, so after a crash one of its files may be older than it should
// be; ours cannot. ZooKeeper also refuses to start if the last transaction is of a later epoch than
// currentEpoch, unless there is a currentEpoch.tmp. Here that is no damage (a learner was cut off
// while it was brought up to date), so we ignore such a file.

import { ADLER32_START, adler32 } from '../../../protocol/bytes/adler32.ts'
import { utf8, utf8Bytes } from '../../../protocol/bytes/text.ts'
import type { EpochFile } from '../../../protocol/messages/log.ts'
import { EPOCH } from '../../../protocol/quorum/ranges.ts'
import { epochOf, formatZxid, type Zxid } from '../../../protocol/zxid.ts'
import { isAccepted } from './accept-loss.ts'
import { LossError } from './errors.ts'
import { sortedLogs, sortedSnapshots } from './file-names.ts'
import type { Files, OpenFile } from './files.ts'
import type { SyncedMark } from './synced-mark.ts'
import { readFile, replaceFile } from './whole-file.ts'

export const EPOCH_NAMES: Readonly<Record<EpochFile, string>> = {
  accepted: 'acceptedEpoch',
  current: 'currentEpoch',
}
/** What to do about a number beyond the range. An acceptedEpoch like that was named and never
 * began, unless a currentEpoch somewhere says otherwise. */
const REMEDIES: Readonly<Record<EpochFile, string>> = {
  accepted:
    'Stop every server of the ensemble, write the largest number that a currentEpoch of theirs ' +
    'holds into acceptedEpoch of each, and start them',
  current: 'Copy the tree into a new ensemble with a client',
}
/** More than both lines need. */
const BYTES_MAX = 64
/** How the second line begins. A file without it was written by ZooKeeper or an operator. */
const SEAL = 'ringkeeper adler32 '

export interface Epochs {
  accepted: number
  current: number
  /** Files that do not exist yet; their epochs are taken from the last transaction. */
  missing: readonly EpochFile[]
}

/** Writes the files. An election waits for four of these writes. So the replaced file is kept open:
 * the system frees it when it is closed, which takes three times as long as everything else. */
export class EpochWriter {
  readonly #files: Files
  readonly #replaced: OpenFile[] = []

  constructor(files: Files) {
    this.#files = files
  }

  /** Durable on return. */
  write(which: EpochFile, epoch: number): void {
    const name = EPOCH_NAMES[which]
    if (this.#files.list('snapshot').includes(name)) {
      this.#replaced.push(this.#files.open('snapshot', name, 'read'))
    }
    replaceFile(this.#files, 'snapshot', name, epochBytes(which, epoch))
  }

  /** Writes the missing files. */
  complete(epochs: Epochs): void {
    for (const which of epochs.missing) this.write(which, epochs[which])
  }

  /** Closes, and thereby frees, the replaced files. Call it when there is time. */
  release(): void {
    for (const file of this.#replaced.splice(0)) file.close()
  }
}

/** Throws a LossError for a file that holds no number, or a number whose checksum is wrong; for an
 * impossible pair; and for a promise that is less than was made, because the log holds a later
 * epoch (ZOOKEEPER-1653) or the mark knows of one. */
export function readEpochs(files: Files, lastZxid: Zxid, mark: SyncedMark): Epochs {
  try {
    return epochsHeld(files, lastZxid, mark)
  } catch (error) {
    if (!(error instanceof LossError) || !isAccepted(files, error)) throw error
    const { accepted, current } = promisesLeft(files, mark)
    const epoch = epochOf(lastZxid)
    return {
      accepted: Math.max(accepted, epoch),
      current: Math.max(current, epoch),
      missing: ['current', 'accepted'],
    }
  }
}

/** The least that a damaged folder must have promised, from everything in it that names an epoch. */
export function promisesLeft(files: Files, mark: SyncedMark): Omit<Epochs, 'missing'> {
  const current = Math.max(0, mark.current, sound(files, 'current'))
  const named = [...sortedLogs(files.list('log')), ...sortedSnapshots(files.list('snapshot'))]
  const epochs = named.map(({ zxid }) => epochOf(zxid))
  const accepted = Math.max(current, mark.accepted, sound(files, 'accepted'), ...epochs)
  return { accepted, current }
}

function epochsHeld(files: Files, lastZxid: Zxid, mark: SyncedMark): Epochs {
  const held = { current: readEpoch(files, 'current'), accepted: readEpoch(files, 'accepted') }
  const accepted = held.accepted ?? epochOf(lastZxid)
  const current = held.current ?? epochOf(lastZxid)
  for (const which of ['accepted', 'current'] as const) {
    const value = held[which] ?? -1
    if (value < mark[which]) lose(which, `it ${saysOf(value)}, and it was ${mark[which]}`)
  }
  const pair = `${EPOCH_NAMES.accepted} is ${accepted}${derived(held.accepted)}`
  if (accepted < current) {
    lose(
      'accepted',
      `${pair}, less than ${current} of ${EPOCH_NAMES.current}${derived(held.current)}`,
    )
  }
  if (accepted < epochOf(lastZxid)) {
    lose('accepted', `${pair}, and the last transaction is ${formatZxid(lastZxid)}`)
  }
  // In ZooKeeper's order, so that a crash between the two leaves what ZooKeeper would leave.
  const missing = (['current', 'accepted'] as const).filter((which) => held[which] === null)
  return { accepted, current, missing }
}

function saysOf(value: number): string {
  return value === -1 ? 'is missing' : `is ${value}`
}

function derived(held: number | null): string {
  return held === null ? ' (missing, so taken from the last transaction)' : ''
}

function sound(files: Files, which: EpochFile): number {
  try {
    return readEpoch(files, which) ?? -1
  } catch (error) {
    if (error instanceof LossError) return -1
    throw error
  }
}

/** Null: there is none. Throws a LossError. */
export function readEpoch(files: Files, which: EpochFile): number | null {
  const bytes = readFile(files, 'snapshot', EPOCH_NAMES[which], BYTES_MAX)
  if (bytes === null) return null
  const [line = '', seal = ''] = utf8(bytes, 0, bytes.length).split(/\r?\n/, 2)
  if (!/^\d{1,10}$/.test(line)) lose(which, `it holds '${line}', which is no epoch`)
  const epoch = Number(line)
  if (seal.startsWith(SEAL) && seal !== sealOf(which, epoch)) {
    lose(which, `it holds ${line}, and the checksum behind it is not that of this number`)
  }
  if (epoch <= EPOCH.max) return epoch
  const problem = `it holds ${line}, and the last epoch there can be is ${EPOCH.max}`
  throw new LossError(EPOCH_NAMES[which], -1, problem, REMEDIES[which])
}

/** The contents of the file for this epoch. */
export function epochBytes(which: EpochFile, epoch: number): Uint8Array {
  return utf8Bytes(`${epoch}\n${sealOf(which, epoch)}\n`)
}

function sealOf(which: EpochFile, epoch: number): string {
  const bytes = utf8Bytes(`${EPOCH_NAMES[which]} ${epoch}`)
  const sum = adler32(ADLER32_START, bytes, 0, bytes.length)
  return SEAL + sum.toString(16).padStart(8, '0')
}

function lose(which: EpochFile, problem: string): never {
  throw new LossError(EPOCH_NAMES[which], -1, problem)
}
