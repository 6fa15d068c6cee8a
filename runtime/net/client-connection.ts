// One client's socket: its state, its statistics, the requests that wait, and the bytes to be sent.
//
// new -> connecting -> open -> closing -> (gone: the slot waits for both releases)
//
// The replies of a turn are gathered and written at once. The window is how many requests may be
// under way. It grows while replies are small, and shrinks while they are large. So a client that
// asks for a thousand znodes of a megabyte and reads none of them makes the server hold a few of
// them, not all.

import type { Id } from '../../protocol/acl.ts'
import {
  HANDSHAKE_BYTES_MAX,
  IDENTITIES_BYTES_MAX,
  IDENTITY_BYTES,
  REQUEST_BYTES_HIGH,
} from '../../protocol/limits.ts'
import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import type { SaslServerMechanism } from '../../protocol/sasl/mechanism.ts'
import { SESSION_NONE, type SessionId } from '../../protocol/session-id.ts'
import { ZXID_NONE, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { HostClock } from '../thread/actor-host.ts'
import type { Sampled } from '../top/traffic.ts'
import { RequestSplitter } from './input/request-splitter.ts'
import type { OutputBuffers } from './output/output-buffers.ts'
import { RequestsUnderWay } from './requests-under-way.ts'
import { type ClientSocket, NO_PROOF, type Proof } from './transport/client-transport.ts'

export type ConnectionState = 'new' | 'connecting' | 'open' | 'closing'

const NO_OUTPUT = Buffer.alloc(0)
/** Small, because until the first replies show their size, each of this many may be a megabyte. */
const WINDOW_START = 4
const WINDOW_MAX = 8192
/** What replies under way should not exceed, going by the size of recent ones. */
const WINDOW_BYTES = 1 << 20
/** The tree is told in steps of at least this many bytes. */
const TAKEN_BYTES_MIN = 1 << 18

export class ClientConnection {
  readonly slot: ConnectionSlot
  readonly socket: ClientSocket
  readonly address: string
  readonly proof: Proof
  readonly port: number
  readonly acceptedMs: number
  /** Milliseconds since 1970. */
  readonly establishedWallMs: number
  readonly input: RequestSplitter
  state: ConnectionState = 'new'
  /** Whether its ConnectRequest had the readOnly byte: then the answer has it, too. */
  readOnlyByte = false
  sessionId: SessionId = SESSION_NONE
  timeoutMs = 0
  /** One of its requests waits, because the server is busy or the client does not read. */
  stalled = false
  /** The socket is not being read from. */
  isPaused = false
  /** Since it was accepted. */
  requests = 0
  replies = 0
  releases = 0
  /** A four-letter word is being answered. */
  answering = false
  /** What it has proven; its address goes without saying. */
  readonly identities: Id[] = []
  /** It has proven an identity of a scheme that everybody has to. */
  hasRequiredProof = false
  /** It has got, or will get, its last answer: nothing more is read of it. */
  isDismissed = false
  /** Since it began to authenticate with SASL. */
  sasl: SaslServerMechanism | null = null
  /** Results of checkWatches and removeWatches, until their replies are due. */
  readonly watchResults: number[] = []
  received = 0
  sent = 0
  lastOp = 'NA'
  /** Of its requests; those with xids of the protocol's own, below 0, are left out. */
  lastXid = 0
  lastZxid: Zxid = ZXID_ZERO
  lastResponseWallMs = 0
  lastLatencyMs = 0
  /** The same before it is rounded. */
  lastExactMs = 0
  lastIsUpdate = false
  /** A request of its that is in the sample, until it is answered. */
  sampled: Sampled | null = null
  minLatencyMs: number = Number.POSITIVE_INFINITY
  maxLatencyMs = 0
  totalLatencyMs = 0
  latencyCount = 0
  /** Bytes of replies that the tree does not know yet were taken. */
  #replied = 0
  /** Bytes of the reply that is arriving in parts. */
  partBytes = 0
  #identityBytes = 0
  #window = WINDOW_START
  #requests = new RequestsUnderWay()
  /** Bytes given to the socket, and how many of them it had passed on at the last heartbeat. */
  #written = 0
  #taken = 0
  readonly #buffers: OutputBuffers
  #output: Buffer = NO_OUTPUT
  #outputLength = 0
  /** An event that others get as well. It is not copied if nothing else is gathered. */
  #shared: Uint8Array | null = null

  constructor(
    slot: ConnectionSlot,
    socket: ClientSocket,
    address: string,
    { nowMs, wallMs }: HostClock,
    buffers: OutputBuffers,
    proof: Proof = NO_PROOF,
  ) {
    this.#buffers = buffers
    this.slot = slot
    this.socket = socket
    this.address = address
    this.proof = proof
    this.port = socket.remotePort ?? 0
    this.acceptedMs = nowMs
    this.establishedWallMs = wallMs
    this.input = new RequestSplitter(HANDSHAKE_BYTES_MAX)
  }

  /** For messages. */
  get client(): string {
    return `${this.address}:${this.port}`
  }

  /** The number of requests under way. */
  get outstanding(): number {
    return this.#requests.count
  }

  get windowFull(): boolean {
    return this.outstanding >= this.#window || this.#requests.bytes > REQUEST_BYTES_HIGH
  }

  /** Bytes that were gathered or given to the socket, and that the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#outputLength + (this.#shared?.length ?? 0) + this.socket.writableLength
  }

  /** Whether it may have proven these identities as well. If so, they are counted. */
  mayHave(proven: readonly Id[]): boolean {
    for (const { scheme, id } of proven)
      this.#identityBytes += IDENTITY_BYTES + scheme.length + id.length
    return this.#identityBytes <= IDENTITIES_BYTES_MAX
  }

  /** A request leaves for the actors. */
  onRequest(nowMs: number, bytes: number, isUpdate: boolean = false): void {
    this.requests++
    this.#requests.add(nowMs, bytes, isUpdate)
  }

  /** No reply to any comes any more; how many there were. */
  forgetRequests(): number {
    const { count } = this.#requests
    this.#requests = new RequestsUnderWay()
    return count
  }

  /** A part of a reply, gathered as it comes. */
  onPart(bytes: Uint8Array, start: number, end: number): void {
    this.#append(bytes, start, end)
    this.#replied += end - start
    this.partBytes += end - start
  }

  /** How many bytes of replies were taken since the last call, if it is worth telling the tree;
   * otherwise 0. */
  takenBytes(): number {
    if (this.#replied < TAKEN_BYTES_MIN) return 0
    const taken = this.#replied - this.unsentBytes
    if (taken < TAKEN_BYTES_MIN) return 0
    this.#replied -= taken
    return taken
  }

  /** Whether the kernel has taken anything since the last call. */
  hasTaken(): boolean {
    const before = this.#taken
    this.#taken = this.#written - this.socket.writableLength
    return this.#taken > before
  }

  /** A reply has come, or its last part; `bytes` is the length of all of it. */
  onReply(nowMs: number, wallMs: number, bytes: number): void {
    this.replies++
    this.#replied += bytes - this.partBytes
    this.partBytes = 0
    this.lastIsUpdate = this.#requests.isUpdateNext
    this.lastExactMs = Math.max(0, nowMs - this.#requests.answered())
    const latencyMs = Math.round(this.lastExactMs)
    this.lastLatencyMs = latencyMs
    this.minLatencyMs = Math.min(this.minLatencyMs, latencyMs)
    this.maxLatencyMs = Math.max(this.maxLatencyMs, latencyMs)
    this.totalLatencyMs += latencyMs
    this.latencyCount++
    this.lastResponseWallMs = wallMs
    const fitting = Math.max(1, Math.floor(WINDOW_BYTES / bytes))
    this.#window = Math.min(this.#window * 2, fitting, WINDOW_MAX)
  }

  resetStats(): void {
    this.received = 0
    this.sent = 0
    this.minLatencyMs = Number.POSITIVE_INFINITY
    this.maxLatencyMs = 0
    this.totalLatencyMs = 0
    this.latencyCount = 0
    this.lastOp = 'NA'
    this.lastXid = -1
    this.lastZxid = ZXID_NONE
    this.lastLatencyMs = 0
  }

  /** Adds bytes to what `flush` will write. */
  gather(bytes: Uint8Array, start: number, end: number): void {
    this.sent++
    const shared = this.#shared
    this.#shared = null
    if (shared !== null) this.#append(shared, 0, shared.length)
    this.#append(bytes, start, end)
  }

  /** The same, with bytes that nobody will change. */
  gatherShared(bytes: Uint8Array): void {
    if (this.#outputLength > 0 || this.#shared !== null) {
      this.gather(bytes, 0, bytes.length)
      return
    }
    this.sent++
    this.#shared = bytes
  }

  flush(): void {
    if (this.socket.destroyed) return
    this.#written += this.#outputLength + (this.#shared?.length ?? 0)
    if (this.#shared !== null) this.socket.write(this.#shared)
    this.#shared = null
    if (this.#outputLength === 0) return
    const output = this.#output
    this.socket.write(output.subarray(0, this.#outputLength))
    // The kernel has taken everything: the buffer is ours again.
    if (this.socket.writableLength === 0) this.#buffers.give(output)
    this.#output = NO_OUTPUT
    this.#outputLength = 0
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#outputLength
    const needed = length + end - start
    if (needed > this.#output.length) {
      const grown = this.#buffers.take(Math.max(needed, this.#output.length * 2))
      grown.set(this.#output.subarray(0, length))
      if (length > 0) this.#buffers.give(this.#output)
      this.#output = grown
    }
    this.#output.set(bytes.subarray(start, end), length)
    this.#outputLength = needed
  }

  /** Closes the connection once everything gathered has left. */
  finish(): void {
    this.flush()
    this.state = 'closing'
    this.socket.end(() => this.socket.destroy())
  }
}
