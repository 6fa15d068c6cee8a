// TCP with TLS on it, for one of the two ports between servers (ZooKeeper's sslQuorum and portUnification).
//
// Handshakes run on the thread that has the port: zab's or election's. A handshake takes that thread a
// millisecond or two. So those that others begin are paced; those that we begin are as few as there are
// servers.

import type { TlsSettings } from '../../../config/settings/ssl.ts'
import type { Member } from '../../../protocol/quorum/membership-config.ts'
import { HandshakeQueue } from '../../tls/handshake-queue.ts'
import { PortListener } from '../port-listener.ts'
import { TCP, type Transport } from '../transport.ts'
import { type FailureHooks, Failures } from './failures.ts'
import { HeldCredentials } from './held-credentials.ts'
import { paced } from './pace.ts'
import { TlsArrivals } from './tls-arrivals.ts'
import { dialTls } from './tls-dial.ts'

export { HeldCredentials }

export interface PeerTlsOptions extends TlsSettings {
  /** Whether others are dialled over TLS. */
  readonly dialsTls: boolean
  /** Whether plain connections are accepted. */
  readonly takesPlain: boolean
  /** As ArrivalOptions has them. */
  readonly detectionMs: number
  readonly handshakeMs: number
  readonly arrivalsMax: number
}

export interface PeerTlsParts extends FailureHooks {
  readonly credentials: HeldCredentials
  readonly members: readonly Member[]
  /** Milliseconds since 1970. */
  wallMs(): number
}

export function tlsTransport(options: PeerTlsOptions, parts: PeerTlsParts): Transport {
  const failures = new Failures(parts)
  const { credentials, wallMs } = parts
  const nowMs = (): number => parts.nowMs()
  const queue = new HandshakeQueue(paced(TCP, nowMs), nowMs)
  let hosts = hostsOf(parts.members)
  const dialParts = { options, credentials, failures, wallMs }
  return {
    ...TCP,
    dial: options.dialsTls
      ? (addresses, timeoutMs, done) => dialTls(addresses, timeoutMs, done, dialParts)
      : TCP.dial,
    listener: (address, retries, user) => {
      const arrivals = new TlsArrivals(options, {
        ...{ credentials, failures, queue, wallMs },
        after: TCP.after,
        memberHosts: () => hosts,
        accept: (socket) => user.accept(socket),
      })
      const port = new PortListener(address, retries, {
        accept: (socket) => arrivals.take(socket),
        bindFailed: (error) => user.bindFailed(error),
      })
      return {
        get port() {
          return port.port
        },
        open: () => port.open(),
        close: () => {
          port.close()
          arrivals.close()
        },
      }
    },
    configured: (members) => {
      hosts = hostsOf(members)
    },
  }
}

function hostsOf(members: readonly Member[]): string[] {
  return [...new Set(members.flatMap(({ addresses }) => addresses.map(({ host }) => host)))]
}
