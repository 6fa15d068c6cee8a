// TLS on the ports for clients: makes the listeners' gates from the options, and gives them the new
// certificates when the files are replaced.

import type { ServerOptions } from '../../../config/options.ts'
import type { TlsSettings } from '../../../config/settings/ssl.ts'
import { clientTlsOf, takesTls } from '../../../config/settings/tls.ts'
import { nowMs, wallMs } from '../../shared/clock.ts'
import { CredentialWatch, type WatchLog } from '../../tls/credential-watch.ts'
import { type Credentials, readCredentials } from '../../tls/credentials.ts'
import { HandshakeQueue } from '../../tls/handshake-queue.ts'
import type { Gates } from '../transport/tcp-transport.ts'
import { TlsGate } from './tls-gate.ts'

export class ClientTls {
  /** Warnings for the operator, at the start. */
  readonly remarks: readonly string[]
  readonly #options: ServerOptions
  readonly #settings: TlsSettings
  readonly #credentials: Credentials
  readonly #gates: TlsGate[] = []
  #watch: CredentialWatch | null = null

  private constructor(options: ServerOptions, settings: TlsSettings, credentials: Credentials) {
    this.#options = options
    this.#settings = settings
    this.#credentials = credentials
    this.remarks = credentials.remarks
  }

  /** Null when no port for clients takes TLS. Rejects with StoreError if a store cannot be used. */
  static async load(options: ServerOptions): Promise<ClientTls | null> {
    if (!takesTls(options)) return null
    const settings = clientTlsOf(options)
    return new ClientTls(options, settings, await readCredentials(settings, wallMs()))
  }

  readonly gates: Gates = (user, time) => {
    const { clientPortUnification, secureClientPort } = this.#options
    const queue = new HandshakeQueue(time, nowMs)
    const options = {
      ...this.#options,
      ...this.#settings,
      detectionMs: this.#options.sslHandshakeDetectionTimeoutMillis,
      handshakeMs: this.#options.sessionlessCnxnTimeoutMs,
    }
    const gate = (takesPlain: boolean): TlsGate => {
      const parts = { user, queue, time, wallMs }
      const made = new TlsGate(options, this.#credentials, takesPlain, parts)
      this.#gates.push(made)
      return made
    }
    return {
      plain: clientPortUnification ? gate(true) : null,
      secure: secureClientPort >= 0 ? gate(false) : null,
    }
  }

  /** Replaces certificates when their files change, if `client.certReload` is on. */
  watch(log: WatchLog): void {
    if (!this.#options.clientCertReload) return
    const use = (credentials: Credentials): void => {
      for (const gate of this.#gates) gate.use(credentials)
    }
    this.#watch = new CredentialWatch(this.#settings, use, log, wallMs)
    this.#watch.start()
  }

  stop(): void {
    this.#watch?.stop()
  }
}
