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
import type { SaslClientMechanism } from '../protocol/sasl/mechanism.ts'
import { writeRequestFrame } from './request-frame.ts'

const NONCE_BYTES = 30
/** No request of the connection has this xid. */
const XID = 0

/** A mechanism other than DIGEST-MD5: runtime/kerberos has one. */
export interface SaslLogin {
  /** The first token for a server, and what answers the server's. Rejects with SaslError. */
  begin(host: string): Promise<{
    readonly token: Uint8Array
    readonly mechanism: SaslClientMechanism
  }>
}

export interface SaslHooks {
  send(frame: Uint8Array): void
  /** Both ends have proven who they are. */
  done(): void
  failed(problem: string): void
}

export class SaslExchange {
  readonly #hooks: SaslHooks
  #mechanism: SaslClientMechanism | null = null
  #isClosed = false

  constructor(hooks: SaslHooks) {
    this.#hooks = hooks
  }

  /** Sends the first frame: an empty token, unless the mechanism has more to say. */
  begin(as: SaslUser | SaslLogin, host: string): void {
    if ('user' in as) {
      const cnonce = randomBytes(NONCE_BYTES).toString('base64')
      this.#mechanism = new DigestMd5Client(CLIENT_SERVICE, as, cnonce, (bytes) =>
        createHash('md5').update(bytes).digest(),
      )
      this.#hooks.send(frameOf(new Uint8Array(0)))
      return
    }
    as.begin(host).then(
      ({ token, mechanism }) => {
        this.#mechanism = mechanism
        if (this.#isClosed) mechanism.close()
        else this.#hooks.send(frameOf(token))
      },
      (error: Error) => {
        if (!this.#isClosed) this.#hooks.failed(error.message)
      },
    )
  }

  reply(reader: JuteReader): void {
    try {
      const frame = this.#next(reader)
      if (frame === null) this.#hooks.done()
      else this.#hooks.send(frame)
    } catch (error) {
      if (!(error instanceof SaslError)) throw error
      this.#hooks.failed(error.message)
    }
  }

  /** Call this when the exchange or its connection is over. */
  close(): void {
    this.#isClosed = true
    this.#mechanism?.close()
  }

  /** The frame that follows a reply; null once everything is proven. Throws SaslError. */
  #next(reader: JuteReader): Uint8Array | null {
    const { err } = readReplyHeader(reader)
    if (err !== 0) throw new SaslError(`the server refuses user or password (${errorName(err)})`)
    const mechanism = this.#mechanism
    if (mechanism === null) throw new SaslError('the server answers what nobody asked')
    const token = reader.buffer()
    if (token === null) {
      if (mechanism.isDone) return null
      throw new SaslError('no login for clients is configured at the server')
    }
    const response = mechanism.evaluate(token)
    return response === null ? null : frameOf(response)
  }
}

function frameOf(token: Uint8Array): Uint8Array {
  const writer = new JuteWriter()
  writeRequestFrame(writer, XID, OpCode.sasl, writeSaslToken, { token })
  return writer.finish()
}
