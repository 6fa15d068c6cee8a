// Sockets whose bytes come in one buffer, the thread's own, instead of in a new one for each read.
//
// They tell of them as 'data' like any other socket, but the chunk is valid during the call only, and
// it is a Uint8Array and no Buffer, whose slice() would not copy. Node allocates 64 KiB for each read
// otherwise and gives back what was not needed: 12 of the 42 us that a message from one thread to
// another over loopback takes (perf/RESULTS.md).
//
// For a connection that is dialled, `onread` is node's documented way. net.Server has none for those
// that it accepts: so the accepted socket's handle is given to another one, made with `handle` just
// as net.Server makes its own. That is not documented. Whether it works is tried once, at the start,
// with a connection of our own (handle-probe.ts), and decided for all threads of the process; until
// it is known to work, and where it does not, an accepted socket stays what it is.

import { type OnReadOpts, Server, Socket, type SocketConstructorOpts } from 'node:net'

/** As much as node reads at once. */
const BUFFER = new Uint8Array(1 << 16)

/** Of one Int32: 1 when handles can be taken. */
export type Decision = SharedArrayBuffer

const WORKS = 1
let decision = new Int32Array(new SharedArrayBuffer(4))

/** Makes this thread's decision that of others; to be called before sockets are accepted. */
export function shareDecision(memory: Decision): void {
  decision = new Int32Array(memory)
}

/** Handles are taken from now on, in all threads that share the decision. */
export function decideToTakeHandles(): void {
  Atomics.store(decision, 0, WORKS)
}

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
  return Atomics.load(decision, 0) === WORKS ? withItsHandle(accepted, allowHalfOpen) : accepted
}

/** The same, whatever was decided; the socket itself if it has nothing to be taken. */
export function withItsHandle(accepted: Socket, allowHalfOpen: boolean): Socket {
  const { _handle: handle, _server: server } = accepted as Accepted
  if (typeof handle !== 'object' || handle === null || !(server instanceof Server)) return accepted
  Object.assign(accepted, { _handle: null, _server: null } satisfies Accepted)
  const options = { handle, allowHalfOpen, onread: onread(() => socket) }
  const socket: Socket = new Socket(options as SocketConstructorOpts)
  return Object.assign(socket, { _server: server } satisfies Accepted)
}

/** Whether the chunk lies in this thread's buffer. */
export function isInBuffer(chunk: Uint8Array): boolean {
  return chunk.buffer === BUFFER.buffer
}
