// The port that clients connect to, over TCP, and the event loop's time.
//
// When no file descriptor is left, not even the one that libuv keeps to accept and close a
// connection with, accepting would fail again and again and let nothing else run. So the port is
// closed then, and opened again after a second; who waits there goes to another server.

import { createServer, type Server } from 'node:net'
import { readingIntoBuffer } from '../../socket/read-buffer.ts'
import type { ClientTransport, Listener, ListenerUser } from './client-transport.ts'
import { type ListenerOptions, listenOptions } from './listen-options.ts'

const AGAIN_MS = 1000

export function tcpTransport(options: ListenerOptions): ClientTransport {
  return {
    listeners: (user) => [new TcpListener(options, user)],
    after: (ms, run) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    soon: (run) => {
      setImmediate(run)
    },
  }
}

export class TcpListener implements Listener {
  readonly #options: ListenerOptions
  readonly #user: ListenerUser
  readonly #server: Server
  #port: number
  #again: NodeJS.Timeout | null = null
  #stopped = false

  constructor(options: ListenerOptions, user: ListenerUser) {
    this.#options = options
    this.#user = user
    this.#port = options.clientPort
    this.#server = createServer(
      { noDelay: true, keepAlive: options.clientTcpKeepAlive, allowHalfOpen: true },
      (accepted) => user.accept(readingIntoBuffer(accepted, true)),
    )
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
