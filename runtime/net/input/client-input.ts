// What a client's frames mean before they reach an actor: four-letter words, the handshake, auth,
// and the limits on how much may be under way.

import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { UNREAD_BYTES_HIGH } from '../../../protocol/limits.ts'
import { OpCode, operationOf } from '../../../protocol/op-code.ts'
import { SESSION_NONE } from '../../../protocol/session-id.ts'
import type { AuditTrail } from '../../audit/audit-trail.ts'
import type { HostClock } from '../../thread/actor-host.ts'
import type { ClientConnection } from '../client-connection.ts'
import type { LoneWriter } from '../lone-writer.ts'
import type { LoopRings } from '../network-rings.ts'
import type { NetworkStats } from '../network-stats.ts'
import type { Serving } from '../server-mode.ts'
import type { ClientTransport } from '../transport/client-transport.ts'
import { sendParts, sendText } from '../words/text-sender.ts'
import { readConnectRequest } from './handshake.ts'
import { type ProofHooks, type ProofOptions, Proofs } from './proofs.ts'

/** Text; or something that others must be asked for, and that comes in parts if it is long. */
export type Answer = string | Promise<string | AsyncIterable<string>>

/** Answers a four-letter word; null if it is not one. */
export type CommandHandler = (word: string, rest: Uint8Array) => Answer | null

export interface InputOptions extends ProofOptions {
  readonly globalOutstandingLimit: number
  readonly juteMaxBuffer: number
}

export interface InputHooks extends ProofHooks {
  command: CommandHandler
  stats: NetworkStats
  /** Closes the connection once everything gathered has left. */
  finish(connection: ClientConnection): void
  readonly serving: Serving
  /** The connection has sent its ConnectRequest, or needs none. */
  handshaken(connection: ClientConnection): void
  readonly after: ClientTransport['after']
  readonly audit: Pick<AuditTrail, 'asked'> | null
  readonly lone: LoneWriter
}

type ActorsRings = Pick<LoopRings, 'tree' | 'sessions' | 'blocked' | 'announceWrite'>

const WORD_BYTES = 4
const REQUEST_HEADER_BYTES = 8
/** How a client that speaks TLS begins: with a handshake record of version 3. */
const TLS_RECORD = 0x1603
/** A telnet client's interrupt: it wants to leave. */
const TELNET_INTERRUPT = '\xff\xf4\xff\xfd'

export class ClientInput {
  /** Requests under way in the server. */
  outstanding = 0
  readonly #options: InputOptions
  readonly #clock: HostClock
  readonly #to: ActorsRings
  readonly #hooks: InputHooks
  readonly #reader = new JuteReader()
  readonly #proofs: Proofs

  constructor(options: InputOptions, clock: HostClock, rings: ActorsRings, hooks: InputHooks) {
    this.#options = options
    this.#clock = clock
    this.#to = rings
    this.#hooks = hooks
    this.#proofs = new Proofs(options, clock, rings.tree, hooks)
  }

  /** Handles every whole frame that may be handled now. True if one is left that must wait. */
  pump(connection: ClientConnection): boolean {
    const input = connection.input
    if (connection.state === 'new') {
      // It may become a four-letter word, which waits for nobody. A part of one is no reason to
      // stop reading.
      if (input.buffered < WORD_BYTES) return false
      if (this.#isCommand(connection)) return false
    }
    while (connection.state !== 'closing' && !connection.isDismissed) {
      if (this.#mustWait(connection)) return input.buffered > 0
      const split = input.next()
      if (split === 'incomplete') return false
      if (split === 'bad-length') {
        this.#refuseLength(connection, input.badLength, input.lengthMax)
        return false
      }
      this.#frame(connection, input.bytes, input.start, input.end)
    }
    // A client that got its last answer is not read from.
    return connection.isDismissed
  }

  #mustWait(connection: ClientConnection): boolean {
    if (connection.state === 'connecting' || this.#to.blocked) return true
    if (connection.state === 'new' && !this.#hooks.serving.isOn) return true
    if (this.#proofs.mustWait(connection)) return true
    if (connection.windowFull || connection.unsentBytes > UNREAD_BYTES_HIGH) return true
    const { globalOutstandingLimit } = this.#options
    return this.outstanding >= globalOutstandingLimit && connection.outstanding > 0
  }

  #refuseLength(connection: ClientConnection, length: number, allowed: number): void {
    if (connection.state === 'new' && length >> 16 === TLS_RECORD) {
      const problem = 'this port takes no TLS; secureClientPort does'
      this.#hooks.refuse(connection, 'tls-on-plain-port', { problem })
    } else {
      this.#hooks.refuse(connection, 'frame-length', { length, allowed })
    }
  }

  #frame(connection: ClientConnection, bytes: Uint8Array, start: number, end: number): void {
    connection.received++
    this.#hooks.stats.packetsReceived++
    try {
      if (connection.state === 'new') this.#connect(connection, bytes, start, end)
      else this.#request(connection, bytes, start, end)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      const reason = connection.state === 'open' ? 'malformed-frame' : 'malformed-handshake'
      this.#hooks.refuse(connection, reason, { problem: error.message })
    }
  }

  #connect(connection: ClientConnection, bytes: Uint8Array, start: number, end: number): void {
    const request = readConnectRequest(bytes, start, end)
    connection.readOnlyByte = request.hasReadOnly
    if (!request.readOnly && this.#hooks.serving.isReadOnly) {
      this.#hooks.refuse(connection, 'not-read-only', {})
      return
    }
    if (request.sessionId === SESSION_NONE && this.#hooks.serving.hasNoNewSessions) {
      this.#hooks.refuse(connection, 'no-local-sessions', {})
      return
    }
    if (this.#hooks.serving.leadsOnly) {
      this.#hooks.refuse(connection, 'leader-serves-no-clients', {})
      return
    }
    connection.state = 'connecting'
    this.#hooks.stats.connectionRequests++
    if (request.sessionId !== SESSION_NONE) {
      this.#hooks.stats.connectionRevalidations++
      this.#proofs.continues(connection, request.sessionId, request.password)
    }
    connection.input.lengthMax = this.#options.juteMaxBuffer
    this.#hooks.handshaken(connection)
    // Not when it was accepted: that would wake the tree once more.
    this.#to.tree.opened(connection.slot, connection.address)
    this.#proofs.certified(connection)
    this.#to.sessions.connect(
      connection.slot,
      request.lastZxidSeen,
      request.timeoutMs,
      request.sessionId,
      request.password,
      0,
      request.password.length,
    )
  }

  #request(connection: ClientConnection, bytes: Uint8Array, start: number, end: number): void {
    if (end - start < REQUEST_HEADER_BYTES) throw new MalformedError('request without a header')
    const reader = this.#reader
    reader.reset(bytes, start, end)
    const xid = reader.int()
    const opCode = reader.int()
    this.outstanding++
    this.#hooks.stats.requests++
    const operation = operationOf(opCode)
    const kind = operation?.kind
    connection.onRequest(this.#clock.nowMs, end - start, kind === 'write')
    this.#hooks.lone.asked(kind === 'write')
    const { traffic } = this.#hooks.stats
    if (traffic !== null && --traffic.left <= 0) {
      traffic.sample(connection, opCode, bytes, reader.offset, end)
    }
    if (kind === 'auth') this.#proofs.auth(connection, xid, reader)
    else if (opCode === OpCode.sasl) this.#proofs.sasl(connection, xid, reader)
    else if (!this.#proofs.admits(connection, xid)) return
    else if (kind === 'internal') this.#refuseInternal(connection, opCode)
    else {
      if (kind === 'write') this.#hooks.audit?.asked(connection, opCode, bytes, reader.offset, end)
      this.#to.tree.request(connection.slot, xid, opCode, bytes, reader.offset, end)
      // A lone write would wait for one more wake-up.
      if (kind === 'write') this.#to.announceWrite()
    }
    connection.lastOp = operation?.shortName ?? 'NA'
  }

  #refuseInternal(connection: ClientConnection, opCode: number): void {
    this.#hooks.refuse(connection, 'internal-operation', { opCode })
  }

  #isCommand(connection: ClientConnection): boolean {
    const word = connection.input.peekWord()
    if (word === null) return false
    if (word === TELNET_INTERRUPT) {
      this.#hooks.finish(connection)
      return true
    }
    // Counted before it is answered: the answer may list this connection.
    connection.received++
    const answer = this.#hooks.command(word, connection.input.rest())
    if (answer === null) {
      connection.received--
      return false
    }
    this.#hooks.stats.packetsReceived++
    this.#hooks.stats.packetsSent++
    connection.state = 'closing'
    connection.answering = true
    this.#hooks.handshaken(connection)
    this.#answer(connection, answer)
    return true
  }

  #answer(connection: ClientConnection, answer: Answer): void {
    const { socket } = connection
    if (typeof answer === 'string') {
      sendText(socket, answer)
      this.#hooks.finish(connection)
      return
    }
    answer
      .then((text) => sendParts(socket, text, this.#hooks.after))
      .then(() => this.#hooks.finish(connection))
      .catch(() => socket.destroy())
  }
}
