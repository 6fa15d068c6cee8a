// What the disk can do to us. Each of these errors ends the process: the host logs its message,
// which tells the operator what is wrong, where, and what can be done.

/** What was read cannot be right. Nothing on disk was changed. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError'
  readonly file: string
  /** Byte offset in the file; -1 if the whole file is meant. */
  readonly offset: number

  constructor(file: string, offset: number, problem: string, remedy: string) {
    const where = offset < 0 ? file : `${file} at offset ${offset}`
    super(`${where}: ${problem}. ${remedy}`)
    this.file = file
    this.offset = offset
  }
}

/** What was acknowledged here is gone or changed: this is more than a torn end. A standalone server
 * stops. A member of an ensemble takes no part in choosing a history until it has it back. */
export class LossError extends DamagedError {
  /** What an operator writes into accept-loss to go on without it (accept-loss.ts); null if nothing
   * sound is left to go on with. */
  readonly place: string | null

  constructor(file: string, offset: number, problem: string, remedy: string | null = null) {
    const place = offset < 0 ? file : `${file} ${offset}`
    super(file, offset, problem, remedy ?? `${REMEDY_RESTORE}. ${remedyAccept(place)}`)
    this.place = remedy === null ? place : null
  }
}

/** The operating system refused a read, a write or a sync of the log. It is never retried: after a
 * failed sync the kernel marks the pages clean, so a second sync would report success for data
 * that is gone. */
export class DiskError extends Error {
  override readonly name = 'DiskError'
  readonly file: string

  constructor(file: string, doing: string, cause: unknown) {
    super(`${file}: ${doing} failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
    this.file = file
  }
}

export const REMEDY_RESTORE = 'Nothing was changed. Restore this file from a copy of the folder'

function remedyAccept(place: string): string {
  return (
    'To go on for good without what is lost and all that came after it, write the line ' +
    `'${place}' into a file accept-loss beside the logs, and start again`
  )
}

/** For what other members of an ensemble have as well. */
export const REMEDY_REJOIN: string =
  'If the other members of the ensemble are healthy, move this data directory away and restart: ' +
  'the server rejoins with a copy from the leader'

export function unknownBeginning(name: string): LossError {
  return new LossError(
    name,
    -1,
    'there is no snapshot, and the log does not reach back to the first transaction',
    'Restore a snapshot; or, to go on without what is missing, as after an upgrade from ' +
      'ZooKeeper 3.4, set zookeeper.snapshot.trust.empty=true for one start',
  )
}
