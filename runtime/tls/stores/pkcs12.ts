// Stores of type PKCS12, as keytool and openssl write them, with the ciphers of today and of Java 8. Node
// itself reads those of today only, and none without a key.

import type { Asn1, Bag } from 'node-forge'
import { type RawEntry, type RawStore, StoreError } from './raw-store.ts'

/** Throws StoreError. */
export async function readPkcs12(bytes: Uint8Array, password: string | null): Promise<RawStore> {
  // Some hundred kilobytes that few servers need.
  const { default: forge } = await import('node-forge')
  const { asn1, pki, pkcs12 } = forge
  const der = (value: Asn1): Uint8Array => Buffer.from(asn1.toDer(value).getBytes(), 'latin1')
  const certificateOf = ({ cert, asn1: value }: Bag): Uint8Array =>
    der(cert ? pki.certificateToAsn1(cert) : value)
  const keyOf = ({ key, asn1: value }: Bag): Uint8Array =>
    der(key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key)) : value)
  try {
    const text = Buffer.from(bytes).toString('latin1')
    const store = pkcs12.pkcs12FromAsn1(asn1.fromDer(text), false, password ?? '')
    const bags = (bagType: string): Bag[] => store.getBags({ bagType })[bagType] ?? []
    const { certBag, keyBag, pkcs8ShroudedKeyBag } = pki.oids
    const certificates = bags(certBag).map(certificateOf)
    const keys = [...bags(keyBag), ...bags(pkcs8ShroudedKeyBag)].map(keyOf)
    // Which certificates are a key's is seen from the certificates themselves.
    const entries = keys.map((key): RawEntry => ({ key, chain: certificates }))
    return { entries, trusted: [], loose: certificates }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const isPassword = /password|MAC could not|decrypt/i.test(message)
    throw new StoreError(
      isPassword ? `has another password (${message})` : `cannot be read as PKCS12: ${message}`,
    )
  }
}
