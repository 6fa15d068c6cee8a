// The file of the audit log. When it is long or old enough, a new one takes its place: audit.log,
// audit.log.1, audit.log.2, with the oldest last. What waits for the disk is bounded. Lines that
// find no room are lost and counted, and the server's log says so at most once a second.

import { once } from 'node:events'
import { statSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { type Logger, openFile } from '../process/logger.ts'
import type { AuditOutput } from './audit-trail.ts'

export interface AuditFileOptions {
  readonly auditFile: string
  /** 0: of any length. */
  readonly auditFileSizeInKb: number
  /** 0: of any age. */
  readonly auditFileHours: number
  /** How many older files are kept. */
  readonly auditFilesKept: number
}

const WAITING_BYTES_MAX = 8 << 20
const SAID_MS = 1000
/** A disk that hangs must not keep the server from ending. */
const CLOSE_MS_MAX = 2000
const HOUR_MS = 3_600_000
const KIB = 1024

let lost = 0

/** How many lines have been lost since the start of the process. */
export function lostAuditLines(): number {
  return lost
}

export class AuditFile implements AuditOutput {
  /** Lines written before this resolves are kept, but are lost if the process ends first. */
  readonly ready: Promise<void>
  readonly #options: AuditFileOptions
  readonly #logger: Pick<Logger, 'warn' | 'error'>
  readonly #file: ReturnType<typeof openFile>
  readonly #wallMs: () => number
  #bytes: number
  #sinceMs: number
  /** Null: no other file is taking this one's place. */
  #turning: Promise<void> | null = null
  #closing: Promise<void> | null = null
  #unsaid = 0
  #why = ''
  #saying: NodeJS.Timeout | null = null

  /** Throws if the file cannot be opened. `wallMs`: milliseconds since 1970. */
  constructor(
    options: AuditFileOptions,
    logger: Pick<Logger, 'warn' | 'error'>,
    wallMs: () => number,
  ) {
    this.#options = options
    this.#logger = logger
    this.#wallMs = wallMs
    this.#file = openFile(options.auditFile, WAITING_BYTES_MAX)
    this.ready = new Promise((resolve) => this.#file.once('ready', () => resolve()))
    this.#file.on('drop', () => this.#lose(1, 'the disk does not keep up'))
    this.#file.on('error', (error: Error) => this.#lose(0, error.message))
    const stat = statSync(options.auditFile)
    this.#bytes = stat.size
    this.#sinceMs = stat.size === 0 ? wallMs() : stat.birthtimeMs
  }

  write(line: string): void {
    if (this.#closing !== null) {
      this.#lose(1, 'the audit log is closed')
      return
    }
    this.#bytes += Buffer.byteLength(line)
    this.#file.write(line)
    if (this.#isFull()) this.#turning ??= this.#turn()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** A write that is under way in a thread of the pool can only be waited for. */
  async #close(): Promise<void> {
    await new Promise<void>((resolve) => {
      const giveUp = setTimeout(() => {
        this.#lose(0, 'the disk hangs')
        resolve()
      }, CLOSE_MS_MAX)
      void this.#ended().then(() => {
        clearTimeout(giveUp)
        resolve()
      })
    })
    // What could not be written is not tried again.
    this.#file.destroy()
    if (this.#saying === null) return
    clearTimeout(this.#saying)
    this.#sayLost()
  }

  /** Resolves when all lines are in the file, or cannot be. */
  async #ended(): Promise<void> {
    await this.#turning
    const ended = settled(this.#file, 'close')
    this.#file.end()
    await ended
  }

  #isFull(): boolean {
    const { auditFileSizeInKb, auditFileHours } = this.#options
    if (auditFileSizeInKb > 0 && this.#bytes >= auditFileSizeInKb * KIB) return true
    return auditFileHours > 0 && this.#wallMs() - this.#sinceMs >= auditFileHours * HOUR_MS
  }

  /** Replaces the file by a new one. Lines that come meanwhile go to the old file or wait for the
   * new one. */
  async #turn(): Promise<void> {
    const { auditFile, auditFilesKept } = this.#options
    this.#bytes = 0
    this.#sinceMs = this.#wallMs()
    try {
      for (let i = auditFilesKept - 1; i > 0; i--) {
        await rename(`${auditFile}.${i}`, `${auditFile}.${i + 1}`).catch(ignoreMissing)
      }
      if (auditFilesKept > 0) await rename(auditFile, `${auditFile}.1`)
      const reopened = settled(this.#file, 'ready')
      this.#file.reopen()
      await reopened
    } catch (error) {
      this.#logger.error({ err: error, file: auditFile }, 'the audit log stays in its file')
    }
    // So much may have come meanwhile that the new one is full.
    this.#turning = this.#isFull() && this.#closing === null ? this.#turn() : null
  }

  #lose(lines: number, why: string): void {
    lost += lines
    this.#unsaid += lines
    this.#why = why
    this.#saying ??= setTimeout(() => this.#sayLost(), SAID_MS).unref()
  }

  #sayLost(): void {
    this.#saying = null
    this.#logger.warn({ lost: this.#unsaid, why: this.#why }, 'audit lines lost, or late')
    this.#unsaid = 0
  }
}

/** Resolves at the event, or at an error, which the file's own listener counts. */
async function settled(file: ReturnType<typeof openFile>, event: string): Promise<void> {
  await once(file, event).catch(() => undefined)
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
