// Quorum SASL on sockets: a connection between servers is not used before it has passed this
// exchange. The exchange reads what it needs and no more; bytes that came after it stay in the
// input. (SaslQuorumAuthServer, SaslQuorumAuthLearner)

import type { Socket } from 'node:net'
import type { QuorumAuthOptions } from '../../config/settings/quorum-auth.ts'
import {
  type AuthExchange,
  QuorumAuthLearner,
  QuorumAuthServer,
} from '../../protocol/sasl/quorum-auth.ts'
import { md5, newNonce } from '../process/md5.ts'
import { InputBuffer } from '../socket/input-buffer.ts'
import type { Transport } from './transport.ts'

/** Called once when the exchange ends. False: the socket has been destroyed. */
type Done = (passed: boolean) => void

export interface PeerAuthHooks {
  readonly transport: Pick<Transport, 'after'>
  readonly timeoutMs: number
  /** A server at this address was refused, or was let in without a proof. */
  unproven(address: string, isLetIn: boolean, problem: string): void
}

export class PeerAuth {
  readonly #options: QuorumAuthOptions
  readonly #hooks: PeerAuthHooks

  constructor(options: QuorumAuthOptions, hooks: PeerAuthHooks) {
    this.#options = options
    this.#hooks = hooks
  }

  /** For a connection that this server has dialled. */
  dialled(socket: Socket, input: InputBuffer, done: Done): void {
    const { learner, learnerRequires } = this.#options
    if (!learnerRequires) {
      done(true)
      return
    }
    this.#run(new QuorumAuthLearner(learner, newNonce(), md5), socket, input, done)
  }

  /** For a connection from a server that has dialled this one. */
  accepted(socket: Socket, input: InputBuffer, done: Done): void {
    const { users, serverRequires } = this.#options
    this.#run(new QuorumAuthServer(users, serverRequires, newNonce(), md5), socket, input, done)
  }

  #run(exchange: AuthExchange, socket: Socket, input: InputBuffer, done: Done): void {
    const settle = (passed: boolean): void => {
      cancelTimer()
      socket.off('data', onData).off('end', onEnd).off('close', onClose)
      if (!passed) socket.destroy()
      done(passed)
    }
    const refuse = (problem: string): void => {
      this.#hooks.unproven(socket.remoteAddress ?? '', false, problem)
      settle(false)
    }
    const onData = (chunk: Uint8Array): void => {
      input.append(chunk)
      step()
      input.keep()
    }
    const onEnd = (): void => {
      if (exchange.ended()) settle(true)
      else refuse('it ended the connection')
    }
    const onClose = (): void => refuse('the connection is lost')
    const cancelTimer = this.#hooks.transport.after(this.#hooks.timeoutMs, () =>
      refuse('no answer'),
    )
    const step = (): void => {
      for (;;) {
        const { used, send, state, problem } = exchange.take(input.bytes, input.start, input.end)
        input.consume(input.start + used)
        if (send !== null) socket.write(send)
        if (problem !== null && state === 'passed') {
          this.#hooks.unproven(socket.remoteAddress ?? '', true, problem)
        }
        if (state === 'passed') settle(true)
        else if (state === 'refused') refuse(problem ?? 'refused')
        else if (used > 0) continue
        return
      }
    }
    socket.on('data', onData).once('end', onEnd).once('close', onClose)
    const first = exchange.begin()
    if (first !== null) socket.write(first)
    if (input.length > 0) step()
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
        auth.dialled(socket, input, (passed) => {
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
