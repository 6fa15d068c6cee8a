// Types of the parts of node-forge that pkcs12.ts uses.

declare module 'node-forge' {
  export interface Asn1 {
    readonly type: number
  }

  export interface Bag {
    readonly attributes: { readonly localKeyId?: readonly string[] }
    /** Null if the library does not know this kind of certificate; `asn1` has it nevertheless. */
    readonly cert?: object | null
    readonly key?: object | null
    readonly asn1: Asn1
  }

  export interface Pkcs12 {
    readonly safeContents: readonly { readonly safeBags: readonly Bag[] }[]
    getBags(filter: { readonly bagType: string }): { readonly [type: string]: Bag[] | undefined }
  }

  /** Makes a key from a password. */
  export type KeyFunction = (...args: readonly unknown[]) => unknown

  export interface Forge {
    readonly asn1: {
      fromDer(bytes: string, options?: object): Asn1
      toDer(value: Asn1): { getBytes(): string }
    }
    readonly pkcs5: { pbkdf2: KeyFunction }
    readonly pkcs12: {
      pkcs12FromAsn1(value: Asn1, strict: boolean, password?: string): Pkcs12
      generateKey: KeyFunction
    }
    readonly pki: {
      readonly pbe: { generatePkcs12Key: KeyFunction }
      readonly oids: {
        readonly certBag: string
        readonly keyBag: string
        readonly pkcs8ShroudedKeyBag: string
      }
      certificateToAsn1(certificate: object): Asn1
      privateKeyToAsn1(key: object): Asn1
      wrapRsaPrivateKey(key: Asn1): Asn1
    }
  }

  const forge: Forge

  export { forge as default }
}
