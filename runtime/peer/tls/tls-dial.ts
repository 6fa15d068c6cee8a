// Connects to another server over TLS: as dial.ts, and then a handshake within the same time.

import type { Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { plainAddress } from '../../net/input/admission.ts'
import { dial, type PeerAddress } from '../dial.ts'
import { doubtFields, type Failures, type Fields, handshakeProblem } from './failures.ts'
import type { HeldCredentials } from './held-credentials.ts'
import { type CheckOptions, checkDialled } from './peer-check.ts'

export interface TlsDialParts {
  readonly options: CheckOptions
  readonly credentials: HeldCredentials
  readonly failures: Failures
  /** Milliseconds since 1970. */
  wallMs(): number
}

/** As dial(). The socket that `done` gets is behind its handshake, and the server at its other end may be
 * trusted. */
export function dialTls(
  addresses: readonly PeerAddress[],
  timeoutMs: number,
  done: (socket: Socket | null) => void,
  parts: TlsDialParts,
): () => void {
  let handshake: DialHandshake | null = null
  const settle = (socket: Socket | null): void => {
    clearTimeout(timer)
    done(socket)
  }
  const cancelDial = dial(addresses, timeoutMs, (socket) => {
    if (socket === null) settle(null)
    else handshake = new DialHandshake(socket, addresses, parts, settle)
  })
  const timer = setTimeout(() => {
    cancelDial()
    if (handshake === null) done(null)
    else handshake.failed({ problem: `has not finished its handshake for ${timeoutMs} ms` })
  }, timeoutMs)
  return () => {
    clearTimeout(timer)
    cancelDial()
    handshake?.cancel()
  }
}

class DialHandshake {
  readonly #socket: TLSSocket
  readonly #hosts: readonly string[]
  readonly #parts: TlsDialParts
  /** For messages: the other side. */
  readonly #to: Fields
  readonly #address: string
  /** Null when it is over. */
  #done: ((socket: Socket | null) => void) | null

  constructor(
    socket: Socket,
    addresses: readonly PeerAddress[],
    parts: TlsDialParts,
    done: (socket: Socket | null) => void,
  ) {
    this.#hosts = [...new Set(addresses.map(({ host }) => host))]
    this.#parts = parts
    this.#done = done
    this.#address = plainAddress(socket.remoteAddress ?? '')
    this.#to = { address: this.#address, port: socket.remotePort ?? 0 }
    this.#socket = connect({
      ...parts.credentials.context,
      socket,
      // Judged behind the handshake, so that we can say whose certificate it was.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    })
    this.#socket.once('secureConnect', () => void this.#shaken())
    // Also of what comes behind the handshake: with TLS 1.3 a server's alert about our certificate.
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#done !== null) this.failed({ problem: handshakeProblem(error) })
      else if (isOfTls(error)) this.#say({ problem: handshakeProblem(error) })
    })
    this.#socket.once('close', () => {
      if (this.#done !== null) this.failed({ problem: handshakeProblem(null) })
    })
  }

  failed(fields: Fields): void {
    const done = this.#over()
    if (done === null) return
    this.#say(fields)
    this.#socket.destroy()
    done(null)
  }

  cancel(): void {
    this.#over()
    this.#socket.destroy()
  }

  async #shaken(): Promise<void> {
    const { options, wallMs } = this.#parts
    const verdict = await checkDialled(this.#socket, this.#hosts, options, wallMs())
    if (verdict === 'no-certificate') this.failed({ problem: 'has shown no certificate' })
    else if (verdict !== null) this.failed(doubtFields(verdict))
    else this.#over()?.(this.#socket)
  }

  /** What is to be told, once. */
  #over(): ((socket: Socket | null) => void) | null {
    const done = this.#done
    this.#done = null
    return done
  }

  #say(fields: Fields): void {
    this.#parts.failures.add('peer-tls-failed', this.#address, {
      ...this.#to,
      ...fields,
    })
  }
}

function isOfTls({ code = '' }: NodeJS.ErrnoException): boolean {
  return code.startsWith('ERR_SSL') || code === 'EPROTO'
}
