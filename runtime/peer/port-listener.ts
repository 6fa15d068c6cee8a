// A port that peers connect to. A bind that fails is tried again, because the port of a server that
// has just ended may be held for a moment (electionPortBindRetry). So is a listener that has run
// out of file descriptors (tcp-transport.ts says why). An address whose name does not resolve is
// tried for ever.

import { createServer, type Server, type Socket } from 'node:net'

/** The time between two attempts to listen. */
export const BIND_RETRY_MS = 1000

export interface ListenAddress {
  /** Null: every address of the machine. */
  readonly host: string | null
  readonly port: number
}

export interface BindRetries {
  /** How often to try; 0 for ever. */
  readonly tries: number
  readonly delayMs: number
}

export interface PortUser {
  accept(socket: Socket): void
  /** For each attempt. The message names address and port. */
  bindFailed(error: Error): void
}

export class PortListener {
  readonly #address: ListenAddress
  readonly #retries: BindRetries
  readonly #user: PortUser
  #server: Server | null = null
  #retry: NodeJS.Timeout | null = null
  #giveUp: (() => void) | null = null
  #wasBound = false

  constructor(address: ListenAddress, retries: BindRetries, user: PortUser) {
    this.#address = address
    this.#retries = retries
    this.#user = user
  }

  /** The port bound, which the system chose if 0 was asked for; 0 if there is none. */
  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Resolves once the port is bound, or was closed before that. Rejects if the last attempt
   * failed. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#giveUp = resolve
      this.#bind(1, resolve, reject)
    })
  }

  /** Connections accepted before stay open. */
  close(): void {
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#retry = null
    this.#server?.close()
    this.#server = null
    this.#giveUp?.()
    this.#giveUp = null
  }

  #bind(attempt: number, bound: () => void, failed: (error: Error) => void): void {
    const { host, port } = this.#address
    const server = createServer({ noDelay: true, keepAlive: true })
    this.#server = server
    server.on('connection', (socket) => {
      if (this.#server === server) this.#user.accept(socket)
      else socket.destroy()
    })
    server.once('listening', () => {
      this.#wasBound = true
      bound()
    })
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#server !== server) return
      const doing = server.listening ? 'accept on' : 'listen on'
      if (server.listening) server.close()
      this.#server = null
      const message = `cannot ${doing} ${host ?? '*'}:${port}: ${error.message}`
      const failure = new Error(message, { cause: error })
      this.#user.bindFailed(failure)
      if (attempt === this.#retries.tries && !this.#wasBound && !isUnresolved(error)) {
        failed(failure)
        return
      }
      const next = isUnresolved(error) ? attempt : attempt + 1
      const again = (): void => this.#bind(next, bound, failed)
      this.#retry = setTimeout(again, this.#retries.delayMs)
    })
    server.listen(host === null ? { port } : { host, port })
  }
}

/** Where names come and go with their machines, a server's own name may not be known yet. */
function isUnresolved(error: NodeJS.ErrnoException): boolean {
  return error.syscall === 'getaddrinfo'
}
