// What the links between members rest on: connections, ports, and time for their retries. TCP in
// production; the simulator has its own, which decides what is lost and how late the rest comes.

import type { Socket } from 'node:net'
import type { Member } from '../../protocol/quorum/membership-config.ts'
import { readingIntoBuffer } from '../socket/read-buffer.ts'
import { dial, type PeerAddress } from './dial.ts'
import {
  type BindRetries,
  type ListenAddress,
  PortListener,
  type PortUser,
} from './port-listener.ts'

export interface Transport {
  /** As in dial.ts: calls `done` once, and later, with null if there was no connection in time.
   * Returns a function that ends the attempt. */
  dial(
    addresses: readonly PeerAddress[],
    timeoutMs: number,
    done: (socket: Socket | null) => void,
  ): () => void
  /** What the sockets that are accepted report as 'data' is valid during the call (read-buffer.ts). */
  listener(address: ListenAddress, retries: BindRetries, user: PortUser): Listener
  /** Calls `run` after this many ms. Returns a function that prevents it. */
  after(ms: number, run: () => void): () => void
  /** Calls `run` when others have had their turn. */
  soon(run: () => void): void
  /** There are other members now. */
  configured?(members: readonly Member[]): void
}

export type Listener = Pick<PortListener, 'port' | 'open' | 'close'>

export const TCP: Transport = {
  dial,
  listener: (address, retries, user) =>
    new PortListener(address, retries, {
      accept: (accepted) => {
        const socket = readingIntoBuffer(accepted, false)
        // Errors are followed by 'close', which is all that we need to know.
        socket.on('error', ignore)
        user.accept(socket)
      },
      bindFailed: (error) => user.bindFailed(error),
    }),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  soon: (run) => {
    setImmediate(run)
  },
}

function ignore(): void {}
