// Distinguished names as Java's X500Principal.getName() writes them (RFC 2253): such a name is a
// client's identity. The last part comes first. A type that has no keyword in that RFC is written
// as its number, and its value as hexadecimal DER. (sun.security.x509.AVA.toRFC2253String)

import { DerError, type DerValue, derBody, derValue, derValues, oidText, Tag } from '../der.ts'

const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
])

/** UTF8, Printable, T61, IA5, General, BMP and Universal strings: Java reads all as UTF-8. */
const TEXT_TAGS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x14, 0x16, 0x1b, 0x1e, 0x1c])
const ESCAPED = /[,=+<>#;"\\]/g
const BLANKS_AROUND = /^[ \r]+|[ \r]+$/g

/** The name as text. `name`: the DER of the whole name. Throws DerError. */
export function distinguishedName(name: Uint8Array): string {
  const parts = derValues(derBody(derValue(name), Tag.sequence))
  return parts.reverse().map(partText).join(',')
}

/** Several attributes of one part keep their order. */
function partText(part: DerValue): string {
  return derValues(derBody(part, Tag.set)).map(attributeText).join('+')
}

function attributeText(attribute: DerValue): string {
  const [type, value] = derValues(derBody(attribute, Tag.sequence))
  if (value === undefined) throw new DerError('an attribute without a value')
  const number = oidText(derBody(type, Tag.oid))
  const keyword = KEYWORDS.get(number)
  if (keyword === undefined || !TEXT_TAGS.has(value.tag)) {
    return `${keyword ?? number}=#${Buffer.from(value.whole).toString('hex')}`
  }
  const text = Buffer.from(value.body).toString('utf8')
  const escaped = text.replace(ESCAPED, '\\$&').replaceAll('\0', '\\00')
  return `${keyword}=${escaped.replace(BLANKS_AROUND, (blanks) => blanks.replace(/./gs, '\\$&'))}`
}
