// How a client of ours reaches a server: TLS and SASL, from CLIENT_JVMFLAGS and a properties file, as ZooKeeper's
// shell takes them.

import { readFileSync } from 'node:fs'
import type { TlsOptions } from '../client/open-socket.ts'
import type { SaslLogin } from '../client/sasl-exchange.ts'
import { type ClientConfiguration, clientConfiguration } from '../config/client-configuration.ts'
import type { SaslUser } from '../protocol/sasl/digest-md5-client.ts'

export interface ClientAccess {
  readonly tls: TlsOptions | null
  readonly sasl: SaslUser | SaslLogin | null
}

/** `file`: of properties, or null. `remark`: told what is odd but does no harm. Throws what is wrong. */
export async function clientAccess(
  file: string | null,
  remark: (text: string) => void,
): Promise<ClientAccess> {
  const source = file === null ? null : { path: file, text: readFileSync(file, 'utf8') }
  const found = clientConfiguration(process.env, source, (login) => readFileSync(login, 'utf8'))
  for (const text of found.remarks) remark(text)
  if (found.problems.length > 0) throw new Error(found.problems.join('\n'))
  return { tls: await tlsOf(found, remark), sasl: await saslOf(found) }
}

/** Loaded only where it is asked for. */
async function tlsOf(
  { tls }: ClientConfiguration,
  remark: (text: string) => void,
): Promise<TlsOptions | null> {
  if (tls === null) return null
  const { clientTls } = await import('./client-tls.ts')
  const found = await clientTls(tls)
  for (const text of found.remarks) remark(text)
  return found.tls
}

async function saslOf({ sasl }: ClientConfiguration): Promise<SaslUser | SaslLogin | null> {
  if (sasl === null || 'user' in sasl) return sasl
  const { KerberosUser } = await import('../runtime/kerberos/kerberos.ts')
  const user = await KerberosUser.load(sasl.login, sasl.configuration)
  return { begin: (host) => user.begin(sasl.serviceAt(host)) }
}
