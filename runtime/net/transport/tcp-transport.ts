// The ports that clients connect to, over TCP; and the event loop's time.
//
// If no file descriptor is left, not even the one that libuv keeps for accepting and closing a
// connection, accepting would fail again and again, and nothing else would run. So the port is then
// closed, and opened again after a second. Clients that wait there go to another server.

import { createServer, type Server, type Socket } from 'node:net'
import { readingIntoBuffer } from '../../socket/read-buffer.ts'
import type { ClientAddress, MovableTransport } from './client-port.ts'
import type { ClientTransport, Listener, ListenerUser } from './client-transport.ts'
import { type ListenerOptions, listenOptions } from './listen-options.ts'

const AGAIN_MS = 1000

/** What is done with a socket before the user gets it, on ports where TLS is spoken. */
export interface Gate {
  take(accepted: Socket): void
  close(): void
}

/** Makes the gates of `clientPort` and `secureClientPort`; null if the port has none, or does not
 * exist. */
export type Gates = (
  user: ListenerUser,
  time: Pick<ClientTransport, 'after' | 'soon'>,
) => { readonly plain: Gate | null; readonly secure: Gate | null }

const NO_GATES: Gates = () => ({ plain: null, secure: null })

export interface SecureListenerOptions {
  readonly secureClientPort: number
  readonly secureClientPortAddress: string | null
}

export function tcpTransport(
  options: ListenerOptions & SecureListenerOptions,
  gates: Gates = NO_GATES,
): ClientTransport & MovableTransport {
  let first: TcpListener | null = null
  const time: Pick<ClientTransport, 'after' | 'soon'> = {
    after: (ms, run) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    soon: (run) => {
      setImmediate(run)
    },
  }
  return {
    ...time,
    move: async (address) => {
      await first?.move(address)
    },
    listeners: (user) => {
      const { plain, secure } = gates(user, time)
      const listener = new TcpListener(options, user, plain)
      first = listener
      if (secure === null) return [listener]
      const { secureClientPort: clientPort, secureClientPortAddress: clientPortAddress } = options
      return [
        listener,
        new TcpListener({ ...options, clientPort, clientPortAddress }, user, secure),
      ]
    },
  }
}

export class TcpListener implements Listener {
  #options: ListenerOptions
  readonly #user: ListenerUser
  readonly #gate: Gate | null
  #server: Server
  #port: number
  #again: NodeJS.Timeout | null = null
  #stopped = false

  constructor(options: ListenerOptions, user: ListenerUser, gate: Gate | null = null) {
    this.#options = options
    this.#user = user
    this.#gate = gate
    this.#port = options.clientPort
    this.#server = this.#listener()
  }

  #listener(): Server {
    const gate = this.#gate
    return createServer(
      { noDelay: true, keepAlive: this.#options.clientTcpKeepAlive, allowHalfOpen: true },
      gate === null
        ? (accepted) => this.#user.accept(readingIntoBuffer(accepted, true))
        : (accepted) => gate.take(accepted),
    )
  }

  /** Listens there from now on. Connections stay. */
  async move(address: ClientAddress): Promise<void> {
    const [options, server] = [this.#options, this.#server]
    this.#options = { ...options, ...address }
    this.#server = this.#listener()
    try {
      await this.open()
    } catch (error) {
      this.#options = options
      this.#server = server
      throw error
    }
    server.close()
  }

  get port(): number {
    return this.#port
  }

  async open(): Promise<number> {
    if (this.#options.clientPort < 0) return this.#port
    const server = this.#server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(listenOptions(this.#options), () => {
        server.off('error', reject)
        resolve()
      })
    })
    const address = server.address()
    if (typeof address === 'object' && address !== null) this.#port = address.port
    server.on('error', (error) => this.#failed(error))
    return this.#port
  }

  close(): Promise<void> {
    if (this.#again !== null) clearTimeout(this.#again)
    this.#stopped = true
    this.#gate?.close()
    if (!this.#server.listening) return Promise.resolve()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #failed(error: Error): void {
    this.#user.notAccepted(error)
    if (this.#stopped || this.#again !== null) return
    this.#server.close()
    this.#again = setTimeout(() => {
      this.#again = null
      this.#server.listen({ ...listenOptions(this.#options), port: this.#port })
    }, AGAIN_MS)
  }
}
