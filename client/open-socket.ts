// A socket to a server, with TLS if that is asked for; and what to say if it fails for a lasting
// reason.

import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectByTls } from 'node:tls'
import type { HostPort } from './connect-string.ts'

/** The options of tls.connect: certificates, and how the server's is checked. */
export type TlsOptions = Omit<ConnectionOptions, 'host' | 'port' | 'socket' | 'path'>

/** `ready` is called when the first frame may be sent. */
export function openSocket(
  { host, port }: HostPort,
  tls: TlsOptions | null,
  ready: (socket: Socket) => void,
): Socket {
  if (tls === null) {
    const socket = connect({ host, port, noDelay: true })
    socket.on('connect', () => ready(socket))
    return socket
  }
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = connectByTls({ ...tls, host, port, ...name })
  socket.setNoDelay(true)
  socket.on('secureConnect', () => ready(socket))
  return socket
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/CERT_HAS_EXPIRED/, "the server's certificate has expired"],
  [/CERT_NOT_YET_VALID/, "the server's certificate is not valid yet"],
  [/CERT_REVOKED/, "the server's certificate is revoked"],
  [/ALTNAME_INVALID/, "the server's certificate is for other hosts"],
  [
    /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/,
    "nobody whom we trust signed the server's certificate",
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/, 'the server speaks no TLS on this port'],
  [
    /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/,
    'the server wants a certificate, or offers no cipher suite of ours',
  ],
]

/** Null for what a network may do at any time: the next server is tried, or the same one again. */
export function lastingProblem({ host, port }: HostPort, error: Error): string | null {
  const { code = '', message } = error as NodeJS.ErrnoException
  const isOfTls = /^(ERR_SSL|ERR_TLS|CERT|UNABLE|SELF_SIGNED|DEPTH_ZERO|EPROTO)/.test(code)
  if (!isOfTls) return null
  const words = WORDS.find(([pattern]) => pattern.test(`${code} ${message}`))?.[1]
  return `${host}:${port}: ${words ?? message}${words === undefined ? '' : ` (${code})`}`
}
