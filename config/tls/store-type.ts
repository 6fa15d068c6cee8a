// What sort of store a file is, as far as its name tells (ZooKeeper's KeyStoreFileType).

import type { StoreSettings, StoreType } from '../settings/ssl.ts'

const BY_ENDING: readonly (readonly [string, StoreType])[] = [
  ['.jks', 'JKS'],
  ['.pem', 'PEM'],
  ['.p12', 'PKCS12'],
]

/** Null when neither the setting nor the name says. */
export function storeTypeOf({ location, type }: StoreSettings): StoreType | null {
  if (type !== null) return type
  return BY_ENDING.find(([ending]) => location?.endsWith(ending))?.[1] ?? null
}
