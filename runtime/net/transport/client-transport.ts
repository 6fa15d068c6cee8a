// What the network loop rests on: listeners that bring clients' sockets, and time for what is not
// due now. TCP in production. The simulator has its own, which decides how much of what was sent
// arrives at once, and what is lost.
//
// Each port is a listener of its own, and the loop opens all that a transport has. Sockets of
// Node's net and tls are ClientSockets as they are: nothing is wrapped around them, so the
// interface costs nothing.

import type { Id } from '../../../protocol/acl.ts'
import type { RefusalReason } from '../input/refusals.ts'

/** One client's connection: what the loop uses of Node's Socket. */
export interface ClientSocket {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  /** Bytes that were written and that the kernel has not taken yet. */
  readonly writableLength: number
  readonly destroyed: boolean
  /** The bytes belong to the socket until `writableLength` is 0. What the kernel does not take at
   * once it takes later. False asks the caller to wait for 'drain' before the next write. */
  write(bytes: Uint8Array): boolean
  /** No more 'data' is reported until `resume`, not even what has arrived. */
  pause(): unknown
  resume(): unknown
  /** Sends what was written, and then the end of the stream. Calls `done` when the kernel has taken
   * it. */
  end(done: () => void): unknown
  /** Gives up what was not sent. 'close' follows later. */
  destroy(): unknown
  /** A chunk is valid during the call (read-buffer.ts). */
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  /** 'drain': everything written was taken, after a write that returned false. 'end': the client
   * sends nothing more. 'error' comes before a 'close' that nobody here asked for. 'close' is the
   * last. */
  on(event: 'drain' | 'end' | 'error' | 'close', listener: () => void): unknown
  once(event: 'drain' | 'close', listener: () => void): unknown
  off(event: 'drain' | 'close', listener: () => void): unknown
}

/** What a connection has shown before its first frame. */
export interface Proof {
  /** Whether the connection is encrypted. */
  readonly isSecure: boolean
  /** Identities that its certificate proves. */
  readonly identities: readonly Id[]
}

export const NO_PROOF: Proof = { isSecure: false, identities: [] }

/** A connection that must show something before it may enter. It counts as a connection until it
 * has left, or, once entered, until its socket is closed. */
export interface Guest {
  /** As `accept`. */
  enter(socket: ClientSocket, proof: Proof): void
  /** Counts and logs something of it that is refused, and lets it be. */
  note(reason: RefusalReason, fields: Readonly<Record<string, unknown>>): void
  leave(): void
  /** Leaves; this is counted and logged. The caller closes the socket. */
  refuse(reason: RefusalReason, fields: Readonly<Record<string, unknown>>): void
}

export interface ListenerUser {
  /** Listens to the socket's events from now on. */
  accept(socket: ClientSocket): void
  /** Null if there is no room for it; then the socket has been destroyed. */
  knock(socket: ClientSocket): Guest | null
  /** A connection could not be accepted. */
  notAccepted(error: Error): void
}

export interface Listener {
  /** Where clients connect. The system chooses the port if 0 is configured. */
  readonly port: number
  /** Resolves with the port; -1 if there are no clients to listen for. */
  open(): Promise<number>
  /** Connections stay. Resolves when none is left, or at once if it was closed before. */
  close(): Promise<void>
}

export interface ClientTransport {
  /** The first is that of `clientPort`, the second, if there is one, that of `secureClientPort`. */
  listeners(user: ListenerUser): readonly [Listener, ...Listener[]]
  /** Calls `run` after this many ms. Returns a function that prevents it. */
  after(ms: number, run: () => void): () => void
  /** Calls `run` when all sockets that have something to report have reported it. */
  soon(run: () => void): void
}
