// What another server says about the configuration in force, in its vote. It counts if it is later
// than ours: a server tells only what it knows to be committed.

import { MalformedError } from '../../protocol/bytes/jute-reader.ts'
import { utf8Bytes } from '../../protocol/bytes/text.ts'
import { readMembership } from '../../protocol/quorum/membership-config.ts'
import { isZxid } from '../../protocol/zxid.ts'
import type { Membership } from '../membership.ts'

/** The text in UTF-8, if it is a later configuration; null otherwise. A version that no transaction
 * can have is a lie. */
export function laterConfig(text: string, { config }: Membership): Uint8Array | null {
  if (text === '') return null
  try {
    const { version } = readMembership(text)
    if (version <= config.version || !isZxid(Number(version >> 32n))) return null
    return utf8Bytes(text)
  } catch (error) {
    if (error instanceof MalformedError) return null
    throw error
  }
}
