// What a connection is given, and what it tells its owner.

import type { Duplex } from 'node:stream'
import type { SetWatches } from '../protocol/records/set-watches.ts'
import type { WatcherEvent } from '../protocol/records/watcher-event.ts'
import type { SaslUser } from '../protocol/sasl/digest-md5-client.ts'
import type { SessionId } from '../protocol/session-id.ts'
import type { Zxid } from '../protocol/zxid.ts'
import type { HostPort } from './connect-string.ts'
import type { TlsOptions } from './open-socket.ts'
import type { SaslLogin } from './sasl-exchange.ts'

export type ConnectionState =
  | 'connecting'
  | 'connected'
  | 'connectedReadOnly'
  | 'closed'
  | 'expired'
  | 'authFailed'

export interface Session {
  readonly id: SessionId
  readonly password: Uint8Array
}

export interface ConnectionOptions {
  readonly hosts: readonly HostPort[]
  /** Null: without TLS. */
  readonly tls: TlsOptions | null
  /** Opens a connection in place of TCP, to whichever host. `ready` is called when the
   * first frame may be sent, after `open` has returned. */
  readonly open?: ((ready: (socket: Duplex) => void) => Duplex) | undefined
  /** As whom to authenticate with SASL; null: not at all. */
  readonly sasl: SaslUser | SaslLogin | null
  /** The index of the host to try first. */
  readonly firstHost: number
  /** At least 0, below 1: decides who moves when the list of servers is replaced. */
  readonly random?: () => number
  /** What the client asks for. The server decides. */
  readonly sessionTimeoutMs: number
  /** Whether a server that has lost its quorum will do. */
  readonly readOnly: boolean
  /** A session to take over, instead of a new one. */
  readonly session: Session | null
  /** Requests beyond this many in flight are refused with throttledOp. */
  readonly requestsMax: number
  /** A longer reply closes the connection. */
  readonly frameBytesMax: number
  /** The pause after all servers were tried without success. */
  readonly reconnectDelayMs: number
  /** How long one server may take to accept the session before the next is tried. */
  readonly connectTimeoutMs: number
  /** How long a server may be silent; never longer than two thirds of the session's timeout. */
  readonly silenceMs: number
}

const CONNECT_TIMEOUT_MS_MIN = 1000

/** The time for one of several servers to accept a session, unless another is given. */
export function fairShareMs(sessionTimeoutMs: number, hosts: number): number {
  return Math.max(CONNECT_TIMEOUT_MS_MIN, sessionTimeoutMs / hosts)
}

export interface ConnectionListener {
  onState(state: ConnectionState): void
  /** Why a server cannot be connected to, and will not be unless somebody changes something. */
  onProblem?(problem: string): void
  onEvent(event: WatcherEvent, zxid: Zxid): void
  /** What to send after a reconnect so that watches survive it. */
  watchesToRestore(relativeZxid: Zxid): readonly SetWatches[]
}
