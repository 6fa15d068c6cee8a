// Reads stores of type PKCS12, as keytool and openssl write them, with today's ciphers and with
// those of Java 8. Node itself reads only today's ciphers, and no store without a key.

import type { Asn1, Bag } from 'node-forge'
import { type RawEntry, type RawStore, StoreError } from './raw-store.ts'

/** Rejects with StoreError. A null password is tried as an empty one. */
export async function readPkcs12(bytes: Uint8Array, password: string | null): Promise<RawStore> {
  // The library is some hundred kilobytes, and few servers need it.
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
    // The certificates themselves show later which of them belong to a key.
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
