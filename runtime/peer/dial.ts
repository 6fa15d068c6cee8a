// Connects to a server that may have several addresses: all are tried at once, and the first that
// answers is taken.

import { createConnection, type Socket } from 'node:net'
import { onread } from '../socket/read-buffer.ts'
import { sharedLookup } from './lookup.ts'

export interface PeerAddress {
  readonly host: string
  readonly port: number
}

/** Calls `done` once, and later than this call, with the connection; or with null if there was none
 * in time. Returns a function that ends the attempt; after that `done` is not called. What the
 * connection reports as 'data' is valid during the call (read-buffer.ts). */
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
