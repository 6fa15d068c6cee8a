// Reads and writes the messages of DIGEST-MD5: directives with commas between them (RFC 2831, 7.1).
//
//   directive   token "=" (token | quoted string, in which \ stands before what is meant literally)
//
// Text here holds a byte in each character, as on the wire. One of the directives says which
// characters the bytes mean.

import { utf8, utf8Bytes } from '../bytes/text.ts'

/** The limits of RFC 2831: 2048 bytes for a challenge, 4096 for a response. */
export const SASL_TOKEN_BYTES_MAX = 4096

/** What is wrong with a peer's message, or with its proof. It never contains a secret. */
export class SaslError extends Error {
  override readonly name = 'SaslError'
}

export type Directives = ReadonlyMap<string, string>

const DIRECTIVE =
  /[ \t\r\n]*([^\0-\x20\x7f()<>@,;:\\"/[\]?={}]+)[ \t\r\n]*=[ \t\r\n]*(?:"((?:[^"\\]|\\.)*)"|([^\0-\x20\x7f",\\]+))[ \t\r\n]*(,|$)/sy
const BLANK = /[ \t\r\n,]*/y

/** Directives by their names, in lower case. `mayRepeat`: the one name that may come more than
 * once; its first value counts. Throws SaslError. */
export function parseDirectives(bytes: Uint8Array, mayRepeat: string | null = null): Directives {
  if (bytes.length > SASL_TOKEN_BYTES_MAX) throw new SaslError('the message is too long')
  const text = binary(bytes)
  const found = new Map<string, string>()
  let at = past(BLANK, text, 0)
  while (at < text.length) {
    DIRECTIVE.lastIndex = at
    const match = DIRECTIVE.exec(text)
    if (match === null) throw new SaslError(`no directive at byte ${at}`)
    const [, name = '', quoted, token = ''] = match
    const key = name.toLowerCase()
    if (!found.has(key)) found.set(key, quoted?.replace(/\\(.)/gs, '$1') ?? token)
    else if (key !== mayRepeat) throw new SaslError(`${printable(key)} comes twice`)
    at = past(BLANK, text, DIRECTIVE.lastIndex)
  }
  return found
}

/** A directive whose value is quoted. */
export function quoted(name: string, value: string): string {
  return `${name}="${value.replace(/["\\]/g, '\\$&')}"`
}

/** One byte for each character, which is below 256. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

/** One character for each byte; the inverse of `bytesOf`. */
export function binary(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/** Characters as bytes: in ISO 8859-1 if that has all of them (RFC 2831, 2.1.2.1), otherwise in
 * UTF-8. */
export function hashed(text: string): string {
  return /^[\0-\xff]*$/.test(text) ? text : binary(utf8Bytes(text))
}

/** UTF-8 from the wire, as characters. */
export function decoded(text: string): string {
  return utf8(bytesOf(text), 0, text.length)
}

/** Characters as UTF-8 for the wire; the inverse of `decoded`. */
export function encoded(text: string): string {
  return binary(utf8Bytes(text))
}

/** What a stranger has sent, in a form that can be printed. */
export function printable(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}...` : text)
}

function past(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}
