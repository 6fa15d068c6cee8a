// Reads stores of type PKCS12, as keytool and openssl write them, with today's ciphers and with
// those of Java 8. Node itself reads only today's ciphers, and no store without a key.

import type { Asn1, Bag, Forge, KeyFunction } from 'node-forge'
import { type RawEntry, type RawStore, StoreError } from './raw-store.ts'

/** How often a store may ask for its password to be hashed: a hundred times as often as Java does. A few
 * seconds. */
const ROUNDS_MAX = 1_000_000

/** Rejects with StoreError. A null password is tried as an empty one. */
export async function readPkcs12(bytes: Uint8Array, password: string | null): Promise<RawStore> {
  // The library is some hundred kilobytes, and few servers need it.
  const { default: forge } = await import('node-forge')
  limitRounds(forge)
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
    if (error instanceof StoreError) throw error
    const message = error instanceof Error ? error.message : String(error)
    const isPassword = /password|MAC could not|decrypt/i.test(message)
    throw new StoreError(
      isPassword ? `has another password (${message})` : `cannot be read as PKCS12: ${message}`,
    )
  }
}

/** Whoever wrote the store says how many rounds there are, also inside of what is encrypted. */
function limitRounds({ pkcs12, pkcs5, pki }: Forge): void {
  pkcs12.generateKey = limited(pkcs12.generateKey, 3)
  pki.pbe.generatePkcs12Key = limited(pki.pbe.generatePkcs12Key, 3)
  pkcs5.pbkdf2 = limited(pkcs5.pbkdf2, 2)
}

const LIMITED: WeakSet<KeyFunction> = new WeakSet()

/** The same function, which refuses more rounds; `place`: of that argument. */
function limited(derive: KeyFunction, place: number): KeyFunction {
  if (LIMITED.has(derive)) return derive
  const checked: KeyFunction = (...args) => {
    const rounds = Number(args[place])
    if (rounds <= ROUNDS_MAX) return derive(...args)
    throw new StoreError(
      `asks for ${rounds} rounds of its password; at most ${ROUNDS_MAX} are done`,
    )
  }
  LIMITED.add(checked)
  return checked
}
