// Numbers and switches in text, as read by the Java methods through which ZooKeeper takes its
// settings.
//
//   Integer.parseInt, Long.parseLong     decimal digits with a sign; zeros in front mean nothing
//   Integer.getInteger, Long.getLong     these decode: 0x, 0X and # are hexadecimal, a 0 in front is
//                                        octal; any other text, or none, is as if it were not there
//   Boolean.getBoolean, parseBoolean     true in any case; everything else is false
//
// A number beyond the range of its type is not a number.

export type JavaType = 'int' | 'long'

const BITS: Readonly<Record<JavaType, number>> = { int: 32, long: 64 }
const EXACT_MAX = BigInt(Number.MAX_SAFE_INTEGER)

/** Undefined if Java throws a NumberFormatException. For a long beyond 2^53, the nearest exact
 * number. */
export function parseNumber(text: string, type: JavaType): number | undefined {
  const match = /^([+-]?)(\d+)$/.exec(text)
  return match === null ? undefined : signed(match[1], match[2], type)
}

/** The same for the methods that decode. */
export function decodeNumber(text: string, type: JavaType): number | undefined {
  const match = /^([+-]?)(?:(?:0[xX]|#)([0-9a-fA-F]+)|0([0-7]+)|(0|[1-9]\d*))$/.exec(text)
  if (match === null) return undefined
  const [, sign, hexadecimal, octal, decimal] = match
  if (hexadecimal !== undefined) return signed(sign, `0x${hexadecimal}`, type)
  return signed(sign, octal === undefined ? decimal : `0o${octal}`, type)
}

function signed(sign = '', digits = '', type: JavaType): number | undefined {
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits)
  if (BigInt.asIntN(BITS[type], value) !== value) return undefined
  if (value > EXACT_MAX) return Number.MAX_SAFE_INTEGER
  return value < -EXACT_MAX ? -Number.MAX_SAFE_INTEGER : Number(value)
}
