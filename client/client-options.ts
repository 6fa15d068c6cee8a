// The options of a client. What is absent has ZooKeeper's default.

import type { SaslUser } from '../protocol/sasl/digest-md5-client.ts'
import type { ConnectionOptions, ConnectionState, Session } from './connection-options.ts'
import type { TlsOptions } from './open-socket.ts'
import type { SaslLogin } from './sasl-exchange.ts'

export interface ClientOptions {
  /** `host:port[,host:port...][/chroot]` */
  readonly servers: string
  readonly sessionTimeoutMs?: number
  /** Whether a server without a quorum will do, for reading. */
  readonly readOnly?: boolean
  /** A session to take over. */
  readonly session?: Session
  readonly onState?: (state: ConnectionState) => void
  /** By TLS: certificates, as tls.connect takes them. */
  readonly tls?: TlsOptions | null
  /** Connects without TCP: to a server in this process. */
  readonly open?: ConnectionOptions['open']
  /** As whom to authenticate with SASL (DIGEST-MD5), before anything is asked of a server. */
  readonly sasl?: SaslUser | SaslLogin | null
  /** Why a server cannot be connected to, as long as nobody changes something. */
  readonly onProblem?: (problem: string) => void
  /** Requests beyond this many in flight are rejected with throttledOp. */
  readonly requestsMax?: number
  readonly frameBytesMax?: number
  readonly reconnectDelayMs?: number
  readonly connectTimeoutMs?: number
  /** How long a server may be silent before another is tried; if absent, two thirds of the
   * session's timeout. Pings come three times as often. */
  readonly silenceMs?: number
  /** The index of the server to try first; random if absent. */
  readonly firstHost?: number
}
