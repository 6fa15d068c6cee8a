// Which access lists a client may set, and what they become (PrepRequestProcessor.fixupACL).

import { type Acl, type Id, isIpPattern, OPEN_ACL } from '../../../protocol/acl.ts'
import { isDistinguishedName } from '../../../protocol/distinguished-name.ts'

/** Schemes whose identities a client proves, for the `auth` macro. */
const AUTHENTICATED_SCHEMES: ReadonlySet<string> = new Set(['digest', 'sasl', 'x509'])

export interface AclRules {
  /** The schemes that are switched on; `digest` and `ip` unless switched off. */
  readonly schemes: ReadonlySet<string>
}

/** The list to store: without duplicates, and with `auth` expanded to the requester's identities.
 * Null if the list is not acceptable. */
export function fixAcls(
  acls: readonly Acl[] | null,
  identities: readonly Id[],
  rules: AclRules,
): readonly Acl[] | null {
  if (acls === null || acls.length === 0) return null
  if (acls === OPEN_ACL) return acls
  const fixed: Acl[] = []
  for (const acl of withoutDuplicates(acls)) {
    const { scheme, id } = acl.id
    if (scheme === 'world' && id === 'anyone') {
      fixed.push(acl)
    } else if (scheme === 'auth') {
      const own = identities.filter(
        ({ scheme }) => AUTHENTICATED_SCHEMES.has(scheme) && rules.schemes.has(scheme),
      )
      if (own.length === 0) return null
      for (const identity of own) fixed.push({ perms: acl.perms, id: identity })
    } else if (rules.schemes.has(scheme) && isValidId(scheme, id)) {
      fixed.push(acl)
    } else {
      return null
    }
  }
  return fixed
}

function withoutDuplicates(acls: readonly Acl[]): readonly Acl[] {
  if (acls.length === 1) return acls
  return acls.filter((acl, i) => acls.findIndex((other) => sameAcl(acl, other)) === i)
}

function sameAcl(a: Acl, b: Acl): boolean {
  return a.perms === b.perms && a.id.scheme === b.id.scheme && a.id.id === b.id.id
}

function isValidId(scheme: string, id: string): boolean {
  // Empty parts at the end do not count, as in Java.
  if (scheme === 'digest') return id.replace(/:+$/, '').split(':').length === 2
  if (scheme === 'ip') return isIpPattern(id)
  // As KerberosName has it: whatever has no @, or one behind at most one /.
  if (scheme === 'sasl') return !id.includes('@') || /^[^/@]*(\/[^/@]*)?@[^/@]*$/.test(id)
  if (scheme === 'x509') return isDistinguishedName(id)
  return id.length > 0
}

/** What a client without ADMIN sees of a list: digest hashes are replaced by x (CVE-2019-0201). */
export function maskAcls(acls: readonly Acl[]): readonly Acl[] {
  return acls.map((acl) =>
    acl.id.scheme === 'digest'
      ? { perms: acl.perms, id: { scheme: 'digest', id: acl.id.id.replace(/:.*/s, ':x') } }
      : acl,
  )
}
