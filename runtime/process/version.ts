// What the server says that it is: the release of ZooKeeper that it behaves like, then its own.

import { statSync } from 'node:fs'

const ZOOKEEPER = '3.9.5'
const OWN = '0.1.0'

/** When this file was compiled. */
const BUILT: Date = statSync(new URL(import.meta.url)).mtime

/** In the form that clients parse: `3.9.5-..., built on 2026-01-31 12:00 UTC`. */
export const FULL_VERSION: string = `${ZOOKEEPER}-ringkeeper-${OWN}, built on ${minuteOf(BUILT)} UTC`

function minuteOf(date: Date): string {
  return date.toISOString().slice(0, 16).replace('T', ' ')
}
