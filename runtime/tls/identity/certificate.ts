// Reads from a certificate what node:crypto does not give unchanged: the subject's name, and the
// alternative names with their kinds.

import type { X509Certificate } from 'node:crypto'
import { type DerValue, derBody, derValue, derValues, oidText, Tag } from '../der.ts'
import { distinguishedName } from './distinguished-name.ts'

/** A GeneralName of RFC 5280 whose value Java gives as text. */
export interface AlternativeName {
  /** 1 mail, 2 DNS, 4 directory, 6 URI, 7 IP, 8 registered id. */
  readonly type: number
  readonly text: string
}

const SUBJECT_ALT_NAME = '2.5.29.17'
/** The first field of a certificate is the version, with this tag, or is left out. The subject is
 * the fifth field without it. */
const VERSION_TAG = 0xa0
const EXTENSIONS_TAG = 0xa3
const SUBJECT_AT = 4
const KIND_MASK = 0x1f

/** The subject as text, as Java writes it (RFC 2253). Throws DerError. */
export function subjectOf(certificate: X509Certificate): string {
  const fields = fieldsOf(certificate)
  const subject = fields[fields[0]?.tag === VERSION_TAG ? SUBJECT_AT + 1 : SUBJECT_AT]
  return distinguishedName(derBodyWhole(subject))
}

/** The subject for messages: as `subjectOf`, or as OpenSSL writes it if that fails. Never
 * throws. */
export function nameOf(certificate: X509Certificate): string {
  try {
    return subjectOf(certificate)
  } catch {
    return certificate.subject?.replaceAll('\n', ',') ?? 'a certificate without a name'
  }
}

/** The alternative names in their order; empty if there are none. Throws DerError. */
export function alternativeNames(certificate: X509Certificate): AlternativeName[] {
  const extensions = fieldsOf(certificate).find(({ tag }) => tag === EXTENSIONS_TAG)
  if (extensions === undefined) return []
  for (const extension of derValues(derBody(derValue(extensions.body), Tag.sequence))) {
    const [oid, ...rest] = derValues(derBody(extension, Tag.sequence))
    if (oidText(derBody(oid, Tag.oid)) !== SUBJECT_ALT_NAME) continue
    const names = derValue(derBody(rest.at(-1), Tag.octetString))
    return derValues(derBody(names, Tag.sequence)).flatMap(nameText)
  }
  return []
}

function fieldsOf(certificate: X509Certificate): DerValue[] {
  const [body] = derValues(derBody(derValue(certificate.raw), Tag.sequence))
  return derValues(derBody(body, Tag.sequence))
}

function derBodyWhole(value: DerValue | undefined): Uint8Array {
  derBody(value, Tag.sequence)
  return value!.whole
}

function nameText({ tag, body }: DerValue): AlternativeName[] {
  const type = tag & KIND_MASK
  if (type === 1 || type === 2 || type === 6) {
    return [{ type, text: Buffer.from(body).toString('latin1') }]
  }
  if (type === 4) return [{ type, text: distinguishedName(body) }]
  if (type === 7) return [{ type, text: addressText(body) }]
  if (type === 8) return [{ type, text: oidText(body) }]
  return []
}

/** As Java writes it: IPv6 with all eight groups. */
function addressText(body: Uint8Array): string {
  if (body.length === 4) return body.join('.')
  const groups: string[] = []
  for (let i = 0; i + 1 < body.length; i += 2) {
    groups.push(((body[i]! << 8) | body[i + 1]!).toString(16))
  }
  return groups.join(':')
}
