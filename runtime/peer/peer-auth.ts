// Quorum SASL on sockets: a connection between servers is not used before it has passed this
// exchange. The exchange reads what it needs and no more; bytes that came after it stay in the
// input. (SaslQuorumAuthServer, SaslQuorumAuthLearner)

import type { Socket } from 'node:net'
import type { QuorumAuthOptions } from '../../config/settings/quorum-auth.ts'
import { assert } from '../../protocol/assert.ts'
import type { Member } from '../../protocol/quorum/membership-config.ts'
import { DigestMd5Client } from '../../protocol/sasl/digest-md5-client.ts'
import { DigestMd5Server, QUORUM_SERVICE } from '../../protocol/sasl/digest-md5-server.ts'
import type { SaslServerMechanism } from '../../protocol/sasl/mechanism.ts'
import {
  type AuthExchange,
  QuorumAuthLearner,
  QuorumAuthServer,
} from '../../protocol/sasl/quorum-auth.ts'
import type { PeerKerberos } from '../kerberos/peer-kerberos.ts'
import { md5, newNonce } from '../process/md5.ts'
import { InputBuffer } from '../socket/input-buffer.ts'
import type { Transport } from './transport.ts'

/** Called once when the exchange ends. False: the socket has been destroyed. */
type Done = (passed: boolean) => void

export interface PeerAuthHooks {
  readonly transport: Pick<Transport, 'after'>
  readonly timeoutMs: number
  unproven(event: UnprovenEvent, address: string, problem: string): void
}

/** A server that dialled was refused, or was let in all the same; or one that was dialled refuses. */
export type UnprovenEvent = 'peer-refused' | 'peer-let-in-unproven' | 'peer-sasl-failed'

export class PeerAuth {
  readonly #options: QuorumAuthOptions
  readonly #kerberos: PeerKerberos | null
  readonly #hooks: PeerAuthHooks

  /** `kerberos`: null if no login is one for Kerberos. */
  constructor(options: QuorumAuthOptions, kerberos: PeerKerberos | null, hooks: PeerAuthHooks) {
    this.#options = options
    this.#kerberos = kerberos
    this.#hooks = hooks
  }

  /** There are other members now. */
  configured(members: readonly Member[]): void {
    this.#kerberos?.configured(members)
  }

  /** For a connection that this server has dialled, at this host. */
  dialled(socket: Socket, input: InputBuffer, host: string, done: Done): void {
    const { learner, learnerRequires } = this.#options
    if (!learnerRequires) {
      done(true)
      return
    }
    const proof = new Proof(socket, input, 'peer-sasl-failed', this.#hooks, done)
    if ('user' in learner) {
      proof.begin(
        new QuorumAuthLearner(new DigestMd5Client(QUORUM_SERVICE, learner, newNonce(), md5)),
      )
      return
    }
    const begun = this.#kerberos?.dialling(host, () => !proof.isOver)
    assert(begun !== undefined && begun !== null, 'a login for Kerberos has been loaded')
    begun.then(
      ({ token, mechanism }) => proof.begin(new QuorumAuthLearner(mechanism, token)),
      (error: Error) => proof.refuse(error.message),
    )
  }

  /** For a connection from a server that has dialled this one. */
  accepted(socket: Socket, input: InputBuffer, done: Done): void {
    const exchange = new QuorumAuthServer(this.#accepting(), this.#options.serverRequires)
    new Proof(socket, input, 'peer-refused', this.#hooks, done).begin(exchange)
  }

  #accepting(): SaslServerMechanism {
    const { server } = this.#options
    if ('users' in server) return new DigestMd5Server(QUORUM_SERVICE, server.users, newNonce(), md5)
    const mechanism = this.#kerberos?.accepting()
    assert(mechanism !== undefined && mechanism !== null, 'a key for Kerberos has been loaded')
    return mechanism
  }
}

/** One exchange on one socket, from its beginning to what comes of it. */
class Proof {
  readonly #socket: Socket
  readonly #input: InputBuffer
  readonly #failed: UnprovenEvent
  readonly #hooks: PeerAuthHooks
  readonly #done: Done
  readonly #cancelTimer: () => void
  #exchange: AuthExchange | null = null
  #isOver = false

  constructor(
    socket: Socket,
    input: InputBuffer,
    failed: UnprovenEvent,
    hooks: PeerAuthHooks,
    done: Done,
  ) {
    this.#socket = socket
    this.#input = input
    this.#failed = failed
    this.#hooks = hooks
    this.#done = done
    this.#cancelTimer = hooks.transport.after(hooks.timeoutMs, () => this.refuse('no answer'))
    socket.once('close', this.#onClose)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  begin(exchange: AuthExchange): void {
    if (this.#isOver) {
      exchange.close()
      return
    }
    this.#exchange = exchange
    this.#socket.on('data', this.#onData).once('end', this.#onEnd)
    const first = exchange.begin()
    if (first !== null) this.#socket.write(first)
    if (this.#input.length > 0) this.#step(exchange)
  }

  refuse(problem: string): void {
    if (this.#isOver) return
    this.#hooks.unproven(this.#failed, this.#socket.remoteAddress ?? '', problem)
    this.#settle(false)
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#input.append(chunk)
    if (this.#exchange !== null) this.#step(this.#exchange)
    this.#input.keep()
  }

  readonly #onEnd = (): void => {
    if (this.#exchange?.ended()) this.#settle(true)
    else this.refuse('it ended the connection')
  }

  readonly #onClose = (): void => this.refuse('the connection is lost')

  #step(exchange: AuthExchange): void {
    const input = this.#input
    for (;;) {
      const { used, send, state, problem } = exchange.take(input.bytes, input.start, input.end)
      input.consume(input.start + used)
      if (send !== null) this.#socket.write(send)
      if (problem !== null && state === 'passed') {
        this.#hooks.unproven('peer-let-in-unproven', this.#socket.remoteAddress ?? '', problem)
      }
      if (state === 'passed') this.#settle(true)
      else if (state === 'refused') this.refuse(problem ?? 'refused')
      else if (used > 0) continue
      return
    }
  }

  #settle(passed: boolean): void {
    this.#isOver = true
    this.#cancelTimer()
    this.#exchange?.close()
    this.#socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    if (!passed) this.#socket.destroy()
    this.#done(passed)
  }
}

/** The same transport, but only connections that have passed the exchange reach the user; for the
 * quorum port. Bytes that came after the exchange are emitted as 'data' once the user has the
 * socket. `waitingMax`: accepted connections that may be in the exchange; one more ends the
 * oldest. */
export function authenticated(transport: Transport, auth: PeerAuth, waitingMax: number): Transport {
  const waiting = new Set<Socket>()
  return {
    ...transport,
    configured: (members) => {
      auth.configured(members)
      transport.configured?.(members)
    },
    dial: (addresses, timeoutMs, done) => {
      let socket: Socket | null = null
      let isCancelled = false
      const cancel = transport.dial(addresses, timeoutMs, (dialled) => {
        socket = dialled
        if (socket === null) {
          done(null)
          return
        }
        const input = new InputBuffer()
        auth.dialled(socket, input, addresses[0]?.host ?? '', (passed) => {
          if (isCancelled) return
          done(passed ? socket : null)
          if (passed && socket !== null) report(socket, input)
        })
      })
      return () => {
        isCancelled = true
        cancel()
        socket?.destroy()
      }
    },
    listener: (address, retries, user) =>
      transport.listener(address, retries, {
        bindFailed: (error) => user.bindFailed(error),
        accept: (socket) => {
          const [oldest] = waiting
          if (waiting.size >= waitingMax) oldest?.destroy()
          waiting.add(socket)
          const input = new InputBuffer()
          auth.accepted(socket, input, (passed) => {
            waiting.delete(socket)
            if (!passed) return
            user.accept(socket)
            report(socket, input)
          })
        },
      }),
  }
}

function report(socket: Socket, input: InputBuffer): void {
  if (input.length === 0) return
  const rest = Buffer.from(input.bytes.subarray(input.start, input.end))
  input.clear()
  socket.emit('data', rest)
}
