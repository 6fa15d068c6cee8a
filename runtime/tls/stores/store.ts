// Reads a store of any format from its files: keys with their chains, trusted certificates,
// revocation lists. A PEM store may be several files, with commas between their names.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { StoreSettings } from '../../../config/settings/ssl.ts'
import { storeTypeOf } from '../../../config/tls/store-type.ts'
import { JKS_MAGIC, readJks } from './jks.ts'
import { readPem } from './pem.ts'
import { readPkcs12 } from './pkcs12.ts'
import { type RawStore, StoreError } from './raw-store.ts'

/** Larger files are refused. */
const STORE_BYTES_MAX = 16 * 1024 * 1024
const DER_SEQUENCE = 0x30

export interface StoredKey {
  readonly key: KeyObject
  /** The key's own certificate, then those of its issuers. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]]
}

export interface Store {
  readonly keys: readonly StoredKey[]
  /** Trusted certificates. In a JKS or PKCS12 store a key's own certificate is one of them, its
   * issuers' are not. */
  readonly trusted: readonly X509Certificate[]
  /** Revocation lists, each a PEM block. */
  readonly crls: readonly string[]
}

/** The files that a store and its password are read from. */
export function filesOf({ location, passwordPath, ...rest }: StoreSettings): string[] {
  if (location === null) return []
  const password = passwordPath === null ? [] : [passwordPath]
  if (storeTypeOf({ location, passwordPath, ...rest }) !== 'PEM') return [location, ...password]
  return [...pemFiles(location), ...password]
}

/** Rejects with StoreError, whose message begins with the file's name. A store without a location
 * is empty. */
export async function readStore(settings: StoreSettings): Promise<Store> {
  const { location } = settings
  if (location === null) return { keys: [], trusted: [], crls: [] }
  const password = passwordOf(settings)
  const type = storeTypeOf(settings)
  return await saying(location, async () => {
    if (type === 'PEM') return pemStore(location, password)
    const bytes = readFile(location)
    return storeOf(await readBinary(bytes, password))
  })
}

/** Revocation lists as PEM blocks, from files in PEM or DER. Rejects with StoreError. */
export async function readCrls(paths: readonly string[]): Promise<string[]> {
  const lists = paths.map((path) =>
    saying(path, async () => {
      const bytes = readFile(path)
      if (bytes[0] === DER_SEQUENCE) return [pemBlock('X509 CRL', bytes)]
      const { crls } = readPem(bytes.toString('latin1'), null)
      if (crls.length === 0) throw new StoreError('holds no revocation list')
      return crls
    }),
  )
  return (await Promise.all(lists)).flat()
}

/** A PEM block with this label. */
export function pemBlock(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** Runs `read`, and puts the file's name before whatever goes wrong. */
async function saying<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof StoreError && error.message.startsWith(`${file} `)) throw error
    throw new StoreError(`${file} ${messageOf(error)}`)
  }
}

function messageOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (error instanceof StoreError) return message
  if (code === 'ENOENT') return 'does not exist'
  if (code === 'EACCES') return 'may not be read'
  return `cannot be read: ${message}`
}

function passwordOf({ password, passwordPath }: StoreSettings): string | null {
  if (passwordPath === null) return password
  try {
    return readFile(passwordPath)
      .toString('utf8')
      .replace(/\r?\n$/, '')
  } catch (error) {
    throw new StoreError(`${passwordPath} ${messageOf(error)}`)
  }
}

function readFile(path: string): Buffer {
  const bytes = readFileSync(path)
  if (bytes.length === 0) throw new StoreError('is empty')
  if (bytes.length > STORE_BYTES_MAX)
    throw new StoreError(`is larger than ${STORE_BYTES_MAX} bytes`)
  return bytes
}

/** The contents decide between JKS and PKCS12, and not the type that is set: Java takes either for
 * the other, and its tools have written PKCS12 into files named .jks. */
async function readBinary(bytes: Buffer, password: string | null): Promise<RawStore> {
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === JKS_MAGIC) return readJks(bytes, password)
  if (bytes[0] === DER_SEQUENCE) return await readPkcs12(bytes, password)
  const isPem = bytes.toString('latin1', 0, 64).includes('-----BEGIN')
  throw new StoreError(isPem ? 'is PEM, and not JKS or PKCS12' : 'is neither JKS nor PKCS12')
}

function pemFiles(location: string): string[] {
  if (existsSync(location)) return [location]
  return location
    .split(',')
    .map((file) => file.trim())
    .filter((file) => file !== '')
}

function pemStore(location: string, password: string | null): Store {
  const files = pemFiles(location)
  const parts = files.map((file) => {
    try {
      return readPem(readFile(file).toString('latin1'), password)
    } catch (error) {
      throw new StoreError(`${file} ${messageOf(error)}`)
    }
  })
  const certificates = parts.flatMap((part) => part.certificates)
  const keys = parts.flatMap((part) => part.keys)
  const crls = parts.flatMap((part) => part.crls)
  if (keys.length + certificates.length === 0) {
    throw new StoreError('holds neither a key nor a certificate in PEM')
  }
  return {
    keys: keys.map((key) => withChain(key, certificates)),
    trusted: certificates,
    crls,
  }
}

/** As with Java: a key in a trust store makes its own certificate trusted, and not the issuer of
 * that. */
function storeOf({ entries, trusted, loose }: RawStore): Store {
  const read = (der: Uint8Array): X509Certificate => new X509Certificate(der)
  const keys = entries.map(({ key, chain }) =>
    withChain(
      createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' }),
      chain.map(read),
    ),
  )
  const issuers = new Set(
    keys.flatMap(({ chain }) => chain).map(({ fingerprint256 }) => fingerprint256),
  )
  const free = loose.map(read).filter(({ fingerprint256 }) => !issuers.has(fingerprint256))
  const own = keys.map(({ chain }) => chain[0])
  return { keys, trusted: [...trusted.map(read), ...free, ...own], crls: [] }
}

/** The key with its chain: its own certificate out of `certificates`, then the issuer of each one
 * before. Throws StoreError if none of them belongs to the key. */
function withChain(key: KeyObject, certificates: readonly X509Certificate[]): StoredKey {
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key))
  if (own === undefined) {
    const subjects = certificates.map(({ subject }) => subject.replaceAll('\n', ', '))
    throw new StoreError(
      certificates.length === 0
        ? 'has a private key and no certificate'
        : `has a private key that belongs to none of its certificates: ${subjects.join('; ')}`,
    )
  }
  const chain: [X509Certificate, ...X509Certificate[]] = [own]
  for (let last = own; chain.length <= certificates.length; ) {
    if (last.checkIssued(last)) break
    const issuer = certificates.find((other) => last.checkIssued(other))
    if (issuer === undefined || chain.includes(issuer)) break
    chain.push(issuer)
    last = issuer
  }
  return { key, chain }
}
