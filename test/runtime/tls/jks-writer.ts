// Writes stores in Java's format JKS, for tests: what runtime/tls/stores/jks.ts reads, the other way round.

import { createHash } from 'node:crypto'

export interface JksContent {
  readonly entries?: readonly { readonly key: Uint8Array; readonly chain: readonly Uint8Array[] }[]
  readonly trusted?: readonly Uint8Array[]
}

const SALT = Buffer.alloc(20, 7)
/** SEQUENCE of the algorithm, KeyProtector's, and nothing. */
const ALGORITHM = Buffer.from('300e060a2b060104012a021101010500', 'hex')

export function jksOf({ entries = [], trusted = [] }: JksContent, password: string): Buffer {
  const secret = Buffer.from(password, 'utf16le').swap16()
  const certificate = (der: Uint8Array): Buffer[] => [utf('X.509'), sized(der)]
  const head = [u32(0xfeedfeed), u32(2), u32(entries.length + trusted.length)]
  const keys = entries.flatMap(({ key, chain }, i) => [
    ...[u32(1), utf(`key${i}`), Buffer.alloc(8), sized(wrapped(key, secret)), u32(chain.length)],
    ...chain.flatMap(certificate),
  ])
  const others = trusted.flatMap((der, i) => [
    ...[u32(2), utf(`ca${i}`), Buffer.alloc(8)],
    ...certificate(der),
  ])
  const body = Buffer.concat([...head, ...keys, ...others])
  return Buffer.concat([body, sha1(secret, Buffer.from('Mighty Aphrodite'), body)])
}

function wrapped(key: Uint8Array, secret: Buffer): Buffer {
  const sealed = Buffer.from(key)
  let pad: Buffer = SALT
  for (let i = 0; i < sealed.length; i++) {
    if (i % 20 === 0) pad = sha1(secret, pad)
    sealed[i]! ^= pad[i % 20]!
  }
  const octets = Buffer.concat([SALT, sealed, sha1(secret, key)])
  return der(0x30, Buffer.concat([ALGORITHM, der(0x04, octets)]))
}

function der(tag: number, body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length[0] = 0x83
  length.writeUIntBE(body.length, 1, 3)
  return Buffer.concat([Buffer.from([tag]), length, body])
}

function sha1(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function sized(bytes: Uint8Array): Buffer {
  return Buffer.concat([u32(bytes.length), bytes])
}

function utf(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}
