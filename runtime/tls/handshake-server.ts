// What the gates of clients' ports and of peers' ports share: how TLS is recognised, and the server that
// shakes hands on sockets which are handed to it.

import type { Socket } from 'node:net'
import { createServer, type SecureContextOptions, type Server } from 'node:tls'
import type { ClientAuth } from '../../config/settings/ssl.ts'

/** The type of a TLS record that holds a handshake: what a connection over TLS begins with. */
export const TLS_FIRST_BYTE = 22

/**
 * A server that listens nowhere: emit 'connection' with a socket. It lets in whoever shakes hands;
 * the certificate is judged after the handshake, so that the log can say whose it was. `handshakeMs`
 * bounds the handshake alone.
 */
export function handshakeServer(
  context: SecureContextOptions,
  options: { readonly clientAuth: ClientAuth; readonly handshakeMs: number },
): Server {
  return createServer({
    ...context,
    requestCert: options.clientAuth !== 'none',
    rejectUnauthorized: false,
    handshakeTimeout: options.handshakeMs,
  })
}

/** The address and port of the other side: the same for a socket and for the TLS on top of it. */
export function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
