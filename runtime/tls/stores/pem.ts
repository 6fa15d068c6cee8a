// Reads PEM: any number of blocks of base64 between BEGIN and END lines, with any text between the
// blocks.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { StoreError } from './raw-store.ts'

export interface PemStore {
  readonly keys: readonly KeyObject[]
  readonly certificates: readonly X509Certificate[]
  /** Revocation lists, each a PEM block. */
  readonly crls: readonly string[]
}

/** A block, from BEGIN to END with the same label. Headers of older keys contain dashes. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g

/** The blocks of a text, in their order; other kinds are skipped. `password`: for encrypted keys.
 * Throws StoreError. */
export function readPem(text: string, password: string | null): PemStore {
  const keys: KeyObject[] = []
  const certificates: X509Certificate[] = []
  const crls: string[] = []
  for (const [block, label = ''] of text.matchAll(BLOCK)) {
    if (label.endsWith('PRIVATE KEY')) keys.push(keyOf(block, label, password))
    else if (label === 'X509 CRL') crls.push(block)
    else if (/^(X509 |TRUSTED )?CERTIFICATE$/.test(label)) {
      certificates.push(certificateOf(block, certificates.length + 1))
    }
  }
  return { keys, certificates, crls }
}

function keyOf(block: string, label: string, password: string | null): KeyObject {
  try {
    return createPrivateKey({ key: block, ...(password !== null && { passphrase: password }) })
  } catch (error) {
    const isEncrypted = label.startsWith('ENCRYPTED') || block.includes('ENCRYPTED')
    if (isEncrypted && password === null)
      throw new StoreError('has an encrypted key, and there is no password')
    const { message } = error as Error
    if (isEncrypted) throw new StoreError(`has a key that its password does not open: ${message}`)
    throw new StoreError(`has a private key that cannot be read: ${message}`)
  }
}

function certificateOf(block: string, number: number): X509Certificate {
  try {
    return new X509Certificate(block)
  } catch (error) {
    throw new StoreError(`certificate ${number} in it cannot be read: ${(error as Error).message}`)
  }
}
