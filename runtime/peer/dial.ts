// A connection to a server that may have several addresses: all are tried at once, the first that
// answers is taken.

import { createConnection, type Socket } from 'node:net'
import { onread } from '../socket/read-buffer.ts'
import { sharedLookup } from './lookup.ts'

export interface PeerAddress {
  readonly host: string
  readonly port: number
}

/** Calls `done` once, later, with the connection or with null when there was none in time. Returns
 * what ends the attempt, after which `done` is not called. What the connection tells of as 'data' is
 * valid during the call (read-buffer.ts). */
export function dial(
  addresses: readonly PeerAddress[],
  timeoutMs: number,
  done: (socket: Socket | null) => void,
): () => void {
  const open = new Set<Socket>()
  const cancel = (): void => {
    clearTimeout(timer)
    for (const socket of open) socket.destroy()
    open.clear()
  }
  const settle = (socket: Socket | null): void => {
    if (socket !== null) open.delete(socket)
    cancel()
    done(socket)
  }
  const timer = setTimeout(settle, addresses.length === 0 ? 0 : timeoutMs, null)
  for (const { host, port } of addresses) {
    const socket: Socket = createConnection({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      lookup: sharedLookup,
      onread: onread(() => socket),
    })
    open.add(socket)
    socket.on('error', ignore)
    socket.once('connect', () => {
      if (open.has(socket)) settle(socket)
    })
    socket.once('close', () => {
      if (open.delete(socket) && open.size === 0) settle(null)
    })
  }
  return cancel
}

function ignore(): void {}
