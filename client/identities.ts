// The identities that a client has from `addauth`: sent when they are added, and again after every
// reconnect. Servers answer in the order in which they were sent.

import type { JuteReader } from '../protocol/bytes/jute-reader.ts'
import type { JuteWriter } from '../protocol/bytes/jute-writer.ts'
import { OpCode, Xid } from '../protocol/op-code.ts'
import { writeAuthPacket } from '../protocol/records/auth-packet.ts'
import { writeRequestFrame } from './request-frame.ts'
import type { Pending } from './request-queue.ts'

interface Identity {
  readonly scheme: string
  readonly auth: Uint8Array | null
  /** The request whose caller waits for the first answer; null afterwards. */
  pending: Pending | null
}

export class Identities {
  readonly #all: Identity[] = []
  #inFlight: Identity[] = []

  /** `writer`: where to write it at once; null without a connection. */
  add(scheme: string, auth: Uint8Array | null, pending: Pending, writer: JuteWriter | null): void {
    const identity = { scheme, auth, pending }
    this.#all.push(identity)
    if (writer !== null) this.#send(writer, identity)
  }

  /** Sends all of them on a new connection. */
  restore(writer: JuteWriter): void {
    this.#inFlight = []
    for (const identity of this.#all) this.#send(writer, identity)
  }

  /** The server's answer to the oldest one. */
  answered(err: number, reader: JuteReader): void {
    const identity = this.#inFlight.shift()
    const pending = identity?.pending
    if (identity !== undefined) identity.pending = null
    pending?.settle(err, reader)
  }

  /** No answer will come. */
  fail(code: number, reader: JuteReader): void {
    for (const identity of this.#all) {
      const { pending } = identity
      identity.pending = null
      pending?.settle(code, reader)
    }
  }

  #send(writer: JuteWriter, identity: Identity): void {
    this.#inFlight.push(identity)
    const packet = { type: 0, scheme: identity.scheme, auth: identity.auth }
    writeRequestFrame(writer, Xid.auth, OpCode.auth, writeAuthPacket, packet)
  }
}
