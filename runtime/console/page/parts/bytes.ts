// Data as text, JSON and hexadecimal.

export type Form = 'text' | 'json' | 'hex'

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}

const CHUNK = 8192

export function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(i, i + CHUNK))
  }
  return btoa(text)
}

/** Null if the bytes are no UTF-8, or have control characters that text has not. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return [...text].some(isControl) ? null : text
  } catch {
    return null
  }
}

function isControl(letter: string): boolean {
  const code = letter.charCodeAt(0)
  return (code < 32 && letter !== '\n' && letter !== '\r' && letter !== '\t') || code === 127
}

/** JSON with an indent; null if it is none. */
export function jsonOf(text: string | null): string | null {
  try {
    return text === null ? null : JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return null
  }
}

/** 16 bytes a line, with their offset and what they are in ASCII. */
export function hexOf(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let i = 0; i < bytes.length; i += 16) {
    const part = [...bytes.subarray(i, i + 16)]
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const ascii = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'))
    lines.push(`${i.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${ascii.join('')}`)
  }
  return lines.join('\n')
}

/** Which form says most. */
export function bestForm(bytes: Uint8Array): Form {
  const text = textOf(bytes)
  if (text === null) return 'hex'
  const trimmed = text.trimStart()
  return (trimmed.startsWith('{') || trimmed.startsWith('[')) && jsonOf(text) !== null
    ? 'json'
    : 'text'
}

const SHORT = 60

/** The beginning of data as a text of one line; empty if it is no text. */
export function shortText(base64: string): string {
  const text = new TextDecoder().decode(bytesOf(base64))
  if (text.includes('\ufffd') || [...text].some((letter) => letter.charCodeAt(0) < 32)) return ''
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text
}
