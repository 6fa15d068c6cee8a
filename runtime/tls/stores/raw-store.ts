// What a JKS or PKCS12 store holds, in DER.

/** A private key, with its own certificate and those of its issuers. */
export interface RawEntry {
  /** PKCS#8. */
  readonly key: Uint8Array
  readonly chain: readonly Uint8Array[]
}

export interface RawStore {
  readonly entries: readonly RawEntry[]
  /** Certificates that the store itself marks as trusted. */
  readonly trusted: readonly Uint8Array[]
  /** Certificates that the format does not mark. They are trusted unless they belong to a key. */
  readonly loose: readonly Uint8Array[]
}

/** Why a store cannot be used. Where the reader does not know the file's name, the message is what
 * follows it: `is not a JKS store`. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}
