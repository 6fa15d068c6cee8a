// A node's data as text: as it is, in base64, or as a hex dump with sixteen bytes a line.

const BYTES_A_LINE = 16
const RULE = `+--------+${'-'.repeat(49)}+`
const RULE_FULL = `${RULE}----------------+`

export function plainText(data: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(data)
}

export function base64Text(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
}

/** Empty if there are no bytes. */
export function hexDump(data: Uint8Array): string {
  if (data.length === 0) return ''
  const columns = Array.from({ length: BYTES_A_LINE }, (_, i) => `  ${i.toString(16)}`).join('')
  const lines = [`         +${'-'.repeat(49)}+`, `         |${columns} |`, RULE_FULL]
  for (let at = 0; at < data.length; at += BYTES_A_LINE) lines.push(dumpLine(data, at))
  lines.push(RULE_FULL)
  return lines.join('\n')
}

function dumpLine(data: Uint8Array, at: number): string {
  let hex = ''
  let text = ''
  for (let i = at; i < Math.min(data.length, at + BYTES_A_LINE); i++) {
    const byte = data[i]!
    hex += ` ${byte.toString(16).padStart(2, '0')}`
    text += byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.'
  }
  const offset = at.toString(16).padStart(8, '0')
  return `|${offset}|${hex.padEnd(BYTES_A_LINE * 3)} |${text.padEnd(BYTES_A_LINE)}|`
}
