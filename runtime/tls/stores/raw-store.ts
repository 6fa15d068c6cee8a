// What a store holds, in DER, whatever its format.

/** A private key and the certificates from its own to its issuers'. */
export interface RawEntry {
  /** PKCS#8. */
  readonly key: Uint8Array
  readonly chain: readonly Uint8Array[]
}

export interface RawStore {
  readonly entries: readonly RawEntry[]
  /** Certificates that stand for themselves. */
  readonly trusted: readonly Uint8Array[]
  /** Those of which the format does not say whether they do: they do unless they belong to a key. */
  readonly loose: readonly Uint8Array[]
}

/** Why a store cannot be used; begins behind its file's name: `is no JKS store`. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}
