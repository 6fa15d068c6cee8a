// Checks once a second whether the files of credentials have changed, and if so reads them again.
// It looks at the files that the names lead to, so it notices a rename, a symbolic link that points
// elsewhere (which is how Kubernetes replaces secrets), and a file that is written in place. It
// reads files only once they have stayed the same for a second. If they cannot be used, it says so
// once, and the old credentials stay.

import { stat } from 'node:fs/promises'
import type { TlsSettings } from '../../config/settings/ssl.ts'
import { type Credentials, credentialFiles, readCredentials } from './credentials.ts'
import { nameOf } from './identity/certificate.ts'

const INTERVAL_MS = 1000

export interface WatchLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

export class CredentialWatch {
  readonly #settings: TlsSettings
  readonly #use: (credentials: Credentials) => void
  readonly #log: WatchLog
  readonly #wallMs: () => number
  /** The fingerprint of the files that were read last, whether they could be used or not. */
  #seen: string | null = null
  /** The fingerprint at the last look. */
  #last: string | null = null
  #timer: NodeJS.Timeout | null = null

  /** `use` gets the new credentials. `wallMs`: milliseconds since 1970. */
  constructor(
    settings: TlsSettings,
    use: (credentials: Credentials) => void,
    log: WatchLog,
    wallMs: () => number,
  ) {
    this.#settings = settings
    this.#use = use
    this.#log = log
    this.#wallMs = wallMs
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), INTERVAL_MS)
    this.#timer.unref()
    void this.look()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  /** Reads the files if they have changed and then stayed the same for one look. Never rejects. */
  async look(): Promise<void> {
    const now = await fingerprint(credentialFiles(this.#settings))
    const isSteady = now === this.#last
    this.#last = now
    this.#seen ??= now
    if (now === this.#seen || !isSteady) return
    this.#seen = now
    await this.#read()
  }

  async #read(): Promise<void> {
    try {
      const credentials = await readCredentials(this.#settings, this.#wallMs())
      this.#use(credentials)
      const { own, remarks } = credentials
      const fields = own === null ? {} : { subject: nameOf(own), validTo: own.validTo }
      this.#log.info(fields, 'certificates read again')
      for (const remark of remarks) this.#log.warn({}, remark)
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      this.#log.error({ problem }, 'new certificates cannot be used; those read before stay')
    }
  }
}

async function fingerprint(files: readonly string[]): Promise<string> {
  const parts = files.map(async (file) => {
    try {
      const { dev, ino, size, mtimeMs } = await stat(file)
      return [file, dev, ino, size, mtimeMs].join(' ')
    } catch (error) {
      return `${file} ${(error as NodeJS.ErrnoException).code}`
    }
  })
  return (await Promise.all(parts)).join('\n')
}
