// Kerberos principals of the members of an ensemble: whom one asks for, and who is let in
// (SecurityUtils.getServerPrincipal, SaslQuorumServerCallbackHandler).

import { printable, SaslError } from './directives.ts'

const HOST = /\/_HOST(?=@|$)/
const MEMBER = /^[^/@]+\/([^/@]+)@([^/@]+)$/
const REALM = /@[^@]*$/

/** The principal of the member at this host. `own`: the principal that asks, whose realm counts if the
 * configured one has none; null if it is not known. */
export function serviceAt(configured: string, host: string, own: string | null): string {
  const principal = configured.replace(HOST, () => `/${host.toLowerCase()}`)
  if (principal.includes('@')) return principal
  return principal + (own === null ? '' : (REALM.exec(own)?.[0] ?? ''))
}

/** The principal, if it has exactly a name, one of these hosts, and this realm (CVE-2023-44981). Throws
 * SaslError. `hosts` in lower case. */
export function memberIdentity(
  principal: string,
  realm: string,
  hosts: ReadonlySet<string>,
): string {
  const [, host, of] = MEMBER.exec(principal) ?? []
  if (host === undefined) {
    throw new SaslError(
      `${printable(principal)} is no principal of a host, such as name/host@REALM`,
    )
  }
  if (of !== realm) throw new SaslError(`${printable(principal)} is of another realm`)
  if (!hosts.has(host.toLowerCase())) {
    throw new SaslError(`${printable(principal)} names no host of a server.N line`)
  }
  return principal
}
