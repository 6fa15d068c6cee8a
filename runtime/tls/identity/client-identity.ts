// A client's identity from its certificate (X509AuthenticationProvider, X509AuthenticationUtil):
// the subject, or a part of an alternative name. The identity that `superUser` names is also the
// superuser's.

import type { X509Certificate } from 'node:crypto'
import type { Id } from '../../../protocol/acl.ts'
import { alternativeNames, subjectOf } from './certificate.ts'

export interface IdentityOptions {
  readonly x509SuperUser: string | null
  readonly clientCertIdType: 'SAN' | null
  readonly clientCertIdSanMatchType: number | null
  readonly clientCertIdSanMatchRegex: string | null
  readonly clientCertIdSanExtractRegex: string | null
  readonly clientCertIdSanExtractMatcherGroupIndex: number
}

export interface ClientIdentity {
  readonly ids: readonly Id[]
  /** Why the subject is the identity although the settings ask for an alternative name; null if
   * there is nothing to say. */
  readonly remark: string | null
}

/** The identity, with the superuser's before it if it is the superuser. Throws DerError. */
export function identityOf(certificate: X509Certificate, options: IdentityOptions): ClientIdentity {
  const alternative =
    options.clientCertIdType === 'SAN' ? byAlternativeName(certificate, options) : null
  const id = alternative?.id ?? subjectOf(certificate)
  const ids: Id[] = [{ scheme: 'x509', id }]
  if (id === options.x509SuperUser) ids.unshift({ scheme: 'super', id })
  return { ids, remark: alternative?.id === null ? alternative.remark : null }
}

function byAlternativeName(
  certificate: X509Certificate,
  options: IdentityOptions,
): { readonly id: string | null; readonly remark: string } {
  const {
    clientCertIdSanMatchType: type,
    clientCertIdSanMatchRegex: match,
    clientCertIdSanExtractRegex: extract,
    clientCertIdSanExtractMatcherGroupIndex: group,
  } = options
  if (type === null || match === null || extract === null)
    return { id: null, remark: 'not all of the clientCertIdSan settings are set' }
  const wanted = new RegExp(match)
  const found = alternativeNames(certificate).filter(
    (name) => name.type === type && wanted.test(name.text),
  )
  const [only] = found
  if (only === undefined || found.length > 1) {
    return { id: null, remark: `${found.length} alternative names match instead of 1` }
  }
  const id = new RegExp(extract).exec(only.text)?.[group] ?? null
  return { id, remark: `clientCertIdSanExtractRegex finds nothing in ${only.text}` }
}
