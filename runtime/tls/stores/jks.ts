// Reads Java's key stores of type JKS (sun.security.provider.JavaKeyStore): private keys with their
// chains, and trusted certificates.
//
//   u4 FEEDFEED, u4 version, u4 entries, entry..., 20 bytes of SHA-1
//   entry: u4 1, utf alias, u8 date, buffer key, u4 certificates, certificate...
//        | u4 2, utf alias, u8 date, certificate
//   certificate: [utf type, from version 2 on], buffer
//
// A key is wrapped by Sun's own cipher (KeyProtector): a salt, the key XOR a chain of hashes, a hash.
// The format is small, and so is this reader. Libraries for it bring ciphers of their own.

import { createHash, timingSafeEqual } from 'node:crypto'
import { derBody, derValue, derValues, oidText, Tag } from '../der.ts'
import { type RawEntry, type RawStore, StoreError } from './raw-store.ts'

export const JKS_MAGIC = 0xfeedfeed
const KEY_ENTRY = 1
const CERTIFICATE_ENTRY = 2
const HASH_BYTES = 20
const SALT_BYTES = 20
const KEY_PROTECTOR = '1.3.6.1.4.1.42.2.17.1.1'
const WHITENER = 'Mighty Aphrodite'

/** Throws StoreError. Without a password the store's hash is not checked, and a store with keys is
 * refused. */
export function readJks(bytes: Uint8Array, password: string | null): RawStore {
  const reader = new Reader(bytes)
  if (reader.int() !== JKS_MAGIC) throw new StoreError('is not a JKS store')
  const version = reader.int()
  if (version !== 1 && version !== 2) throw new StoreError(`is a JKS store of version ${version}`)
  const count = reader.int()
  const entries: RawEntry[] = []
  const trusted: Uint8Array[] = []
  const protectedKeys: {
    readonly alias: string
    readonly wrapped: Uint8Array
    chain: Uint8Array[]
  }[] = []
  const certificate = (): Uint8Array => {
    if (version === 2) reader.utf()
    return reader.buffer()
  }
  for (let i = 0; i < count; i++) {
    const tag = reader.int()
    const alias = reader.utf()
    reader.skip(8)
    if (tag === CERTIFICATE_ENTRY) trusted.push(certificate())
    else if (tag === KEY_ENTRY) {
      const wrapped = reader.buffer()
      const chain: Uint8Array[] = []
      for (let left = reader.int(); left > 0; left--) chain.push(certificate())
      protectedKeys.push({ alias, wrapped, chain })
    } else throw new StoreError(`has an entry of kind ${tag}, which is neither key nor certificate`)
  }
  if (password !== null) checkHash(bytes, reader.at, password)
  for (const { alias, wrapped, chain } of protectedKeys) {
    if (password === null) throw new StoreError(`needs a password for its key ${alias}`)
    entries.push({ key: unwrapped(wrapped, password, alias), chain })
  }
  return { entries, trusted, loose: [] }
}

/** The password as Java hashes it: UTF-16, high byte first. */
function passwordBytes(password: string): Buffer {
  return Buffer.from(password, 'utf16le').swap16()
}

function checkHash(bytes: Uint8Array, end: number, password: string): void {
  const theirs = bytes.subarray(end, end + HASH_BYTES)
  const ours = createHash('sha1')
    .update(passwordBytes(password))
    .update(WHITENER)
    .update(bytes.subarray(0, end))
    .digest()
  if (theirs.length !== HASH_BYTES) throw new StoreError('ends in the middle')
  if (!timingSafeEqual(ours, theirs)) {
    throw new StoreError('is damaged, or has another password')
  }
}

/** The key as PKCS#8 in DER. Throws StoreError. */
function unwrapped(wrapped: Uint8Array, password: string, alias: string): Uint8Array {
  const [algorithm, data] = derValues(derBody(derValue(wrapped), Tag.sequence))
  const [oid] = derValues(derBody(algorithm, Tag.sequence))
  const name = oidText(derBody(oid, Tag.oid))
  if (name !== KEY_PROTECTOR)
    throw new StoreError(`key ${alias} is wrapped by an unknown cipher, ${name}`)
  const sealed = derBody(data, Tag.octetString)
  if (sealed.length < SALT_BYTES + HASH_BYTES) throw new StoreError(`key ${alias} is too short`)
  const secret = passwordBytes(password)
  const key = new Uint8Array(sealed.subarray(SALT_BYTES, sealed.length - HASH_BYTES))
  let pad: Uint8Array = sealed.subarray(0, SALT_BYTES)
  for (let i = 0; i < key.length; i++) {
    const inPad = i % HASH_BYTES
    if (inPad === 0) pad = createHash('sha1').update(secret).update(pad).digest()
    key[i]! ^= pad[inPad]!
  }
  const hash = createHash('sha1').update(secret).update(key).digest()
  if (!timingSafeEqual(hash, sealed.subarray(sealed.length - HASH_BYTES))) {
    throw new StoreError(`key ${alias} has another password than the store`)
  }
  return key
}

class Reader {
  at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  int(): number {
    const at = this.#take(4)
    return this.#view.getUint32(at)
  }

  skip(count: number): void {
    this.#take(count)
  }

  buffer(): Uint8Array {
    const length = this.int()
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  utf(): string {
    const length = this.#view.getUint16(this.#take(2))
    const at = this.#take(length)
    return Buffer.from(this.#bytes.subarray(at, at + length)).toString('utf8')
  }

  #take(count: number): number {
    const { at } = this
    if (count > this.#bytes.length - at) throw new StoreError('ends in the middle')
    this.at = at + count
    return at
  }
}
