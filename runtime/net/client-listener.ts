// The port that clients connect to.
//
// When no file descriptor is left, not even the one that libuv keeps to accept and close a
// connection with, accepting would fail again and again and let nothing else run. So the port is
// closed then, and opened again after a second; who waits there goes to another server.

import { createServer, type Server, type Socket } from 'node:net'
import { readingIntoBuffer } from '../socket/read-buffer.ts'
import { type ListenerOptions, listenOptions } from './listen-options.ts'

const AGAIN_MS = 1000

export interface ClientListenerUser {
  accept(socket: Socket): void
  /** A connection could not be accepted. */
  notAccepted(error: NodeJS.ErrnoException): void
}

export class ClientListener {
  readonly #options: ListenerOptions
  readonly #user: ClientListenerUser
  readonly #server: Server
  #port: number
  #again: NodeJS.Timeout | null = null
  #stopped = false

  constructor(options: ListenerOptions, user: ClientListenerUser) {
    this.#options = options
    this.#user = user
    this.#port = options.clientPort
    this.#server = createServer(
      { noDelay: true, keepAlive: options.clientTcpKeepAlive, allowHalfOpen: true },
      (accepted) => user.accept(readingIntoBuffer(accepted, true)),
    )
  }

  /** The system's choice when the configured one is 0. */
  get port(): number {
    return this.#port
  }

  /** Resolves with the port; -1 when there are no clients to listen for. */
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
    server.on('error', (error: NodeJS.ErrnoException) => this.#failed(error))
    return this.#port
  }

  /** Connections stay. Resolves when none is left, or at once when it was closed before. */
  close(): Promise<void> {
    if (this.#again !== null) clearTimeout(this.#again)
    this.#stopped = true
    if (!this.#server.listening) return Promise.resolve()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #failed(error: NodeJS.ErrnoException): void {
    this.#user.notAccepted(error)
    if (this.#stopped || this.#again !== null) return
    this.#server.close()
    this.#again = setTimeout(() => {
      this.#again = null
      this.#server.listen({ ...listenOptions(this.#options), port: this.#port })
    }, AGAIN_MS)
  }
}
