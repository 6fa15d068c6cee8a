// Sockets whose bytes arrive in one buffer, the thread's own, instead of in a new one for each
// read.
//
// They report 'data' like any other socket, but the chunk is valid during the call only; and it is
// a Uint8Array and not a Buffer, whose slice() would not copy. Otherwise Node allocates 64 KiB for
// each read, and gives back what was not needed. That takes 12 of the 42 us that a message between
// threads over loopback takes (perf/RESULTS.md).
//
// For a connection that we dial, `onread` is Node's documented way. net.Server has none for those
// that it accepts. So the accepted socket's handle is given to another socket, made with `handle`
// just as net.Server makes its own. That is not documented. Whether it works is tried once, at the
// start, on a connection of our own (handle-probe.ts), and decided for all threads of the process.
// Until it is known to work, and where it does not, an accepted socket stays what it is.

import { type OnReadOpts, Server, Socket, type SocketConstructorOpts } from 'node:net'

/** As much as Node reads at once. */
const BUFFER = new Uint8Array(1 << 16)

/** One Int32: 1 if handles can be taken. */
export type Decision = SharedArrayBuffer

const WORKS = 1
let decision = new Int32Array(new SharedArrayBuffer(4))

/** Makes the others' decision this thread's own. Call it before sockets are accepted. */
export function shareDecision(memory: Decision): void {
  decision = new Int32Array(memory)
}

/** From now on handles are taken, in all threads that share the decision. */
export function decideToTakeHandles(): void {
  Atomics.store(decision, 0, WORKS)
}

/** For createConnection. `socket` returns what that returned; without a listener bytes are lost. */
export function onread(socket: () => Socket): OnReadOpts {
  return {
    buffer: BUFFER,
    callback: (length) => socket().emit('data', BUFFER.subarray(0, length)),
  }
}

/** What a socket of net.Server has besides. */
interface Accepted {
  _handle?: object | null
  /** The server that counts the connection. */
  _server?: Server | null
}

/** Call it as soon as a connection is accepted. The socket passed must no longer be used. */
export function readingIntoBuffer(accepted: Socket, allowHalfOpen: boolean): Socket {
  return Atomics.load(decision, 0) === WORKS ? withItsHandle(accepted, allowHalfOpen) : accepted
}

/** The same, whatever was decided. Returns the socket itself if it has no handle to take. */
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
