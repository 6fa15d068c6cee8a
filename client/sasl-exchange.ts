// A client's side of SASL: what it sends to a server directly behind the handshake, until the
// server has proven that it knows the password, too (ZooKeeperSaslClient). Requests wait meanwhile.

import { createHash, randomBytes } from 'node:crypto'
import type { JuteReader } from '../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../protocol/bytes/jute-writer.ts'
import { errorName } from '../protocol/error-code.ts'
import { OpCode } from '../protocol/op-code.ts'
import { writeSaslToken } from '../protocol/records/auth-packet.ts'
import { readReplyHeader } from '../protocol/records/header.ts'
import { DigestMd5Client, type SaslUser } from '../protocol/sasl/digest-md5-client.ts'
import { CLIENT_SERVICE } from '../protocol/sasl/digest-md5-server.ts'
import { SaslError } from '../protocol/sasl/directives.ts'
import { writeRequestFrame } from './request-frame.ts'

const NONCE_BYTES = 30
/** No request of the connection has this xid. */
const XID = 0

export class SaslExchange {
  readonly #mechanism: DigestMd5Client

  constructor(user: SaslUser) {
    const cnonce = randomBytes(NONCE_BYTES).toString('base64')
    this.#mechanism = new DigestMd5Client(CLIENT_SERVICE, user, cnonce, (bytes) =>
      createHash('md5').update(bytes).digest(),
    )
  }

  /** The first frame: an empty token. */
  begin(): Uint8Array {
    return frameOf(new Uint8Array(0))
  }

  /** The frame that follows a reply; null once everything is proven. Throws SaslError. */
  next(reader: JuteReader): Uint8Array | null {
    const { err } = readReplyHeader(reader)
    if (err !== 0) throw new SaslError(`the server refuses user or password (${errorName(err)})`)
    const token = reader.buffer()
    if (token === null) throw new SaslError('no login for clients is configured at the server')
    const response = this.#mechanism.evaluate(token)
    return response === null ? null : frameOf(response)
  }
}

function frameOf(token: Uint8Array): Uint8Array {
  const writer = new JuteWriter()
  writeRequestFrame(writer, XID, OpCode.sasl, writeSaslToken, { token })
  return writer.finish()
}
