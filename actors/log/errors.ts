// What the disk can do to us. Both end the process: the host logs the message, which tells the
// operator what is wrong where and what can be done.

/** What was read cannot be right. Nothing on disk was changed. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError'
  readonly file: string
  /** Byte offset in the file; -1 when the file as a whole is meant. */
  readonly offset: number

  constructor(file: string, offset: number, problem: string, remedy: string) {
    const where = offset < 0 ? file : `${file} at offset ${offset}`
    super(`${where}: ${problem}. ${remedy}`)
    this.file = file
    this.offset = offset
  }
}

/** The operating system refused a read, a write or a sync of the log. Never retried: after a
 * failed sync the kernel marks the pages clean, so a second one would report success for data
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

export const REMEDY_REJOIN: string =
  'If the other members of the ensemble are healthy, move this data directory away and restart: ' +
  'the server rejoins with a copy from the leader'
