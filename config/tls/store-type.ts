// The type of a store: as set, or by the ending of the file's name (ZooKeeper's KeyStoreFileType).

import type { StoreSettings, StoreType } from '../settings/ssl.ts'

const BY_ENDING: readonly (readonly [string, StoreType])[] = [
  ['.jks', 'JKS'],
  ['.pem', 'PEM'],
  ['.p12', 'PKCS12'],
]

/** Null if neither the setting nor the name tells. */
export function storeTypeOf({ location, type }: StoreSettings): StoreType | null {
  if (type !== null) return type
  return BY_ENDING.find(([ending]) => location?.endsWith(ending))?.[1] ?? null
}
