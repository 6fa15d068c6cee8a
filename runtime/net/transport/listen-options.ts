// Where and how the network loop listens for clients.

import type { ListenOptions } from 'node:net'

export interface ListenerOptions {
  /** -1: there are no clients to listen for. */
  readonly clientPort: number
  readonly clientPortAddress: string | null
  readonly clientPortListenBacklog: number
  readonly clientTcpKeepAlive: boolean
}

/** When a server is gone, all its clients come to others at once. A client that finds no room to
 * wait in tries again after a second. The system has a limit of its own. */
const BACKLOG = 4096

export function listenOptions(options: ListenerOptions): ListenOptions {
  const { clientPort, clientPortAddress, clientPortListenBacklog } = options
  return {
    port: clientPort,
    ...(clientPortAddress !== null && { host: clientPortAddress }),
    backlog: clientPortListenBacklog > 0 ? clientPortListenBacklog : BACKLOG,
  }
}
