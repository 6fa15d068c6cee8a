// Reads DER, the encoding of certificates, of the names in them, and of the wrapped keys in JKS
// stores. No length is trusted: bytes that are not well formed throw DerError.

export class DerError extends Error {
  override readonly name = 'DerError'
}

/** One value: its tag and its contents. */
export interface DerValue {
  /** The first byte: class, form and number. */
  readonly tag: number
  /** The contents: a view of the bytes that were read. */
  readonly body: Uint8Array
  /** The same with tag and length before it. */
  readonly whole: Uint8Array
}

export const Tag = {
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const

const NUMBER_MASK = 0x1f
const LONG_FORM = 0x80
const LENGTH_BYTES_MAX = 4

/** All values in `bytes`, which follow one another. Throws DerError. */
export function derValues(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = []
  let at = 0
  while (at < bytes.length) {
    const value = valueAt(bytes, at)
    values.push(value)
    at += value.whole.length
  }
  return values
}

/** The first value in `bytes`; the rest is not looked at. Throws DerError. */
export function derValue(bytes: Uint8Array): DerValue {
  return valueAt(bytes, 0)
}

/** The contents of a value that must have this tag. Throws DerError if it has another, or is
 * missing. */
export function derBody(value: DerValue | undefined, tag: number): Uint8Array {
  if (value?.tag !== tag) {
    throw new DerError(`tag ${value?.tag ?? 'missing'} where ${tag} is expected`)
  }
  return value.body
}

/** An object identifier as text: `2.5.4.3`. Throws DerError. */
export function oidText(body: Uint8Array): string {
  const numbers: bigint[] = []
  let number = 0n
  for (const [i, byte] of body.entries()) {
    number = (number << 7n) | BigInt(byte & 0x7f)
    if ((byte & LONG_FORM) !== 0) {
      if (i === body.length - 1) throw new DerError('an object identifier without an end')
      continue
    }
    numbers.push(number)
    number = 0n
  }
  const [first, ...rest] = numbers
  if (first === undefined) throw new DerError('an empty object identifier')
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...rest].join('.')
}

function valueAt(bytes: Uint8Array, at: number): DerValue {
  const tag = byteAt(bytes, at)
  if ((tag & NUMBER_MASK) === NUMBER_MASK) throw new DerError(`tag ${tag} has no number`)
  const first = byteAt(bytes, at + 1)
  let length = first
  let start = at + 2
  if (first >= LONG_FORM) {
    const count = first - LONG_FORM
    if (count === 0 || count > LENGTH_BYTES_MAX) throw new DerError(`a length of ${count} bytes`)
    length = 0
    for (let i = 0; i < count; i++) length = length * 256 + byteAt(bytes, start++)
  }
  const end = start + length
  if (end > bytes.length)
    throw new DerError(`${length} bytes announced, ${bytes.length - start} left`)
  return { tag, body: bytes.subarray(start, end), whole: bytes.subarray(at, end) }
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new DerError('ends in the middle')
  return byte
}
