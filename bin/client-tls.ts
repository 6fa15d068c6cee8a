// What the client needs for TLS, from what its configuration says: stores read, and how the server's
// certificate is checked.

import type { TlsOptions } from '../client/open-socket.ts'
import type { TlsSettings } from '../config/settings/ssl.ts'
import { wallMs } from '../runtime/shared/clock.ts'
import { readCredentials } from '../runtime/tls/credentials.ts'

/** Throws StoreError. */
export async function clientTls(
  settings: TlsSettings,
): Promise<{ readonly tls: TlsOptions; readonly remarks: readonly string[] }> {
  const { context, remarks } = await readCredentials(settings, wallMs())
  const tls = settings.hostnameVerification
    ? context
    : { ...context, checkServerIdentity: () => undefined }
  return { tls, remarks }
}
