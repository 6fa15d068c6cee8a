// Sockets whose bytes come in one buffer, the thread's own, instead of in a new one for each read.
//
// They tell of them as 'data' like any other socket, but the chunk is valid during the call only, and
// it is a Uint8Array and no Buffer, whose slice() would not copy. Node allocates 64 KiB for each read
// otherwise and gives back what was not needed: 12 of the 42 us that a message from one thread to
// another over loopback takes (perf/RESULTS.md).
//
// For a connection that is dialled, `onread` is node's documented way. net.Server has none for those
// that it accepts: so the accepted socket's handle is given to another one, made with `handle` just
// as net.Server makes its own. A node that no longer knows these fields is noticed, and the socket
// then stays what it was.

import { type OnReadOpts, Server, Socket, type SocketConstructorOpts } from 'node:net'

/** As much as node reads at once. */
const BUFFER = new Uint8Array(1 << 16)

/** For createConnection. `socket` is what it returns; without a listener bytes are lost. */
export function onread(socket: () => Socket): OnReadOpts {
  return {
    buffer: BUFFER,
    callback: (length) => socket().emit('data', BUFFER.subarray(0, length)),
  }
}

/** What a socket of net.Server's has besides. */
interface Accepted {
  _handle?: object | null
  /** Counts its connections. */
  _server?: Server | null
}

/** To be called as soon as a connection is accepted; the socket given is not to be used any more. */
export function readingIntoBuffer(accepted: Socket, allowHalfOpen: boolean): Socket {
  const { _handle: handle, _server: server } = accepted as Accepted
  if (typeof handle !== 'object' || handle === null || !(server instanceof Server)) return accepted
  Object.assign(accepted, { _handle: null, _server: null } satisfies Accepted)
  const options = { handle, allowHalfOpen, onread: onread(() => socket) }
  const socket: Socket = new Socket(options as SocketConstructorOpts)
  return Object.assign(socket, { _server: server } satisfies Accepted)
}
