// What this server has and trusts for TLS with the other servers: read by the main thread, and told to the
// threads that have the sockets.

import type { SecureContextOptions } from 'node:tls'
import type { EnsembleOptions } from '../../config/ensemble/ensemble.ts'
import { quorumTlsOf } from '../../config/settings/quorum-tls.ts'
import { wallMs } from '../shared/clock.ts'
import { CredentialWatch, type WatchLog } from '../tls/credential-watch.ts'
import { type Credentials, readCredentials } from '../tls/credentials.ts'

export class PeerCredentials {
  readonly #ensemble: EnsembleOptions
  readonly #credentials: Credentials

  private constructor(ensemble: EnsembleOptions, credentials: Credentials) {
    this.#ensemble = ensemble
    this.#credentials = credentials
  }

  /** Throws StoreError. */
  static async load(ensemble: EnsembleOptions): Promise<PeerCredentials> {
    return new PeerCredentials(ensemble, await readCredentials(quorumTlsOf(ensemble), wallMs()))
  }

  get context(): SecureContextOptions {
    return this.#credentials.context
  }

  /** For the operator, at the start. */
  get remarks(): readonly string[] {
    return this.#credentials.remarks
  }

  /** Tells `replace` what is new when the files change, if that is wanted. */
  watch(replace: (context: SecureContextOptions) => void, log: WatchLog): void {
    if (!this.#ensemble.sslQuorumReloadCertFiles) return
    const of = { for: 'other servers' }
    const marked: WatchLog = {
      info: (fields, message) => log.info({ ...of, ...fields }, message),
      warn: (fields, message) => log.warn({ ...of, ...fields }, message),
      error: (fields, message) => log.error({ ...of, ...fields }, message),
    }
    const use = ({ context }: Credentials): void => replace(context)
    new CredentialWatch(quorumTlsOf(this.#ensemble), use, marked, wallMs).start()
  }
}
