// HTTPS for operators' pages: hands on connections once their handshake is done. With `takesPlain` the first
// byte of a connection decides whether it is TLS (JettyAdminServer, UnifiedConnectionFactory).

import { createServer as createPlain, type Server as PlainServer, type Socket } from 'node:net'
import { createServer, type SecureContextOptions, type Server, TLSSocket } from 'node:tls'
import type { Id } from '../../protocol/acl.ts'
import { TLS_FIRST_BYTE } from '../tls/handshake-server.ts'
import { type IdentityOptions, identityOf } from '../tls/identity/client-identity.ts'

export interface HttpsOptions extends IdentityOptions {
  readonly context: SecureContextOptions
  /** Whether plain HTTP is served as well. */
  readonly takesPlain: boolean
  /** Whether who comes over TLS has to show a certificate that the trust store vouches for. */
  readonly needsCertificate: boolean
}

/** For the first byte, and for the handshake. */
const ARRIVAL_MS = 5000

export class HttpsFront {
  readonly server: PlainServer
  readonly #tls: Server
  readonly #options: HttpsOptions
  /** Connections of all kinds; the listener bounds them. */
  readonly #sockets: Set<Socket> = new Set()

  /** `serve` gets each connection on which HTTP can be spoken. */
  constructor(options: HttpsOptions, serve: (socket: Socket) => void) {
    this.#options = options
    const { context, takesPlain, needsCertificate } = options
    this.#tls = createServer({
      ...context,
      requestCert: needsCertificate,
      rejectUnauthorized: needsCertificate,
      handshakeTimeout: ARRIVAL_MS,
    })
    this.#tls.on('secureConnection', (socket) => serve(socket.on('error', () => socket.destroy())))
    this.#tls.on('tlsClientError', (_error, socket) => socket.destroy())
    this.server = createPlain((socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => socket.destroy())
      if (takesPlain) this.#byFirstByte(socket, serve)
      else this.#tls.emit('connection', socket)
    })
  }

  /** Who a connection's certificate says it is. */
  identitiesOf(socket: Socket): readonly Id[] {
    if (!(socket instanceof TLSSocket) || !socket.authorized) return []
    const certificate = socket.getPeerX509Certificate()
    if (certificate === undefined) return []
    try {
      return identityOf(certificate, this.#options).ids
    } catch {
      // A subject that cannot be read is nobody.
      return []
    }
  }

  /** For handshakes from now on; open connections stay. */
  replaceContext(context: SecureContextOptions): void {
    this.#tls.setSecureContext(context)
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #byFirstByte(socket: Socket, serve: (socket: Socket) => void): void {
    const giveUp = setTimeout(() => socket.destroy(), ARRIVAL_MS)
    socket.on('close', () => clearTimeout(giveUp))
    socket.once('data', (bytes) => {
      clearTimeout(giveUp)
      socket.pause()
      socket.unshift(bytes)
      if (bytes[0] === TLS_FIRST_BYTE) {
        this.#tls.emit('connection', socket)
        return
      }
      serve(socket)
      socket.resume()
    })
  }
}
