// What happens to a connection on a port for peers before it is one, where TLS is spoken: looks at its
// first byte, waits for its turn, shakes hands, and lets in whom its certificate allows.
//
//   accepted ──first byte──▶ waiting for its turn ──▶ handshake ──▶ certificate ──▶ accepted
//       └── plain: accepted with portUnification, else refused
//
// TLS begins with the byte 22. No peer's first message does: a version or an id of the election begins
// with 0, 127 or 255, a packet of the quorum port with the zeros of its type.

import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'
import { plainAddress } from '../../net/input/admission.ts'
import { readingIntoBuffer } from '../../socket/read-buffer.ts'
import type { Handshake, HandshakeQueue } from '../../tls/handshake-queue.ts'
import { handshakeServer, keyOf, TLS_FIRST_BYTE } from '../../tls/handshake-server.ts'
import { doubtFields, type Failures, type Fields, handshakeProblem } from './failures.ts'
import type { HeldCredentials } from './held-credentials.ts'
import { type CheckOptions, checkAccepted } from './peer-check.ts'

const NO_CERTIFICATE =
  'has shown no certificate; as a ZooKeeper of Java does that has none of an issuer in our trust store'

export interface ArrivalOptions extends CheckOptions {
  readonly takesPlain: boolean
  /** Milliseconds for the first byte. */
  readonly detectionMs: number
  /** Milliseconds from then until the connection is accepted. */
  readonly handshakeMs: number
  /** How many may be under way. */
  readonly arrivalsMax: number
}

export interface ArrivalParts {
  readonly credentials: HeldCredentials
  readonly failures: Failures
  readonly queue: HandshakeQueue
  after(ms: number, run: () => void): () => void
  /** Milliseconds since 1970. */
  wallMs(): number
  /** Hosts of all members. */
  memberHosts(): readonly string[]
  /** Gets the sockets. What a plain one reports as 'data' is valid during the call. */
  accept(socket: Socket): void
}

export class TlsArrivals {
  readonly #options: ArrivalOptions
  readonly #parts: ArrivalParts
  readonly #server: Server
  /** By address and port, oldest first. */
  readonly #arrivals: Map<string, Arrival> = new Map()

  constructor(options: ArrivalOptions, parts: ArrivalParts) {
    this.#options = options
    this.#parts = parts
    const { credentials } = parts
    this.#server = handshakeServer(credentials.context, options)
    this.#server.on('secureConnection', (socket) => void this.#shaken(socket))
    this.#server.on('tlsClientError', (error, socket) => {
      this.#arrivals.get(keyOf(socket))?.failed({ problem: handshakeProblem(error) })
    })
    credentials.onReplaced(() => this.#server.setSecureContext(credentials.context))
  }

  take(accepted: Socket): void {
    if (this.#arrivals.size >= this.#options.arrivalsMax && !this.#dropSilent()) {
      accepted.on('error', ignore).destroy()
      return
    }
    const key = keyOf(accepted)
    const arrival = new Arrival(accepted, this.#options, {
      ...this.#parts,
      shake: () => this.#server.emit('connection', accepted),
      over: () => {
        if (this.#arrivals.get(key) === arrival) this.#arrivals.delete(key)
      },
    })
    this.#arrivals.set(key, arrival)
  }

  /** The port is closed: nobody comes in any more. */
  close(): void {
    for (const arrival of [...this.#arrivals.values()]) arrival.drop()
  }

  /** Makes room: those who say nothing keep nobody out. */
  #dropSilent(): boolean {
    for (const arrival of this.#arrivals.values()) {
      if (!arrival.isSilent) continue
      arrival.drop()
      return true
    }
    return false
  }

  async #shaken(socket: TLSSocket): Promise<void> {
    const arrival = this.#arrivals.get(keyOf(socket))
    if (arrival === undefined) {
      socket.destroy()
      return
    }
    // Errors are followed by 'close', which is all that its user needs to know.
    socket.on('error', ignore)
    const { memberHosts, wallMs } = this.#parts
    const verdict = await checkAccepted(socket, memberHosts(), this.#options, wallMs())
    if (verdict === 'no-certificate') arrival.failed({ problem: NO_CERTIFICATE })
    else if (verdict !== null) arrival.failed(doubtFields(verdict))
    else arrival.enter(socket)
  }
}

interface Parts extends ArrivalParts {
  shake(): void
  /** It is accepted or gone. */
  over(): void
}

class Arrival implements Handshake {
  isSilent = true
  readonly #socket: Socket
  readonly #options: ArrivalOptions
  readonly #parts: Parts
  readonly #address: string
  readonly #port: number
  #cancel: () => void
  #isShaking = false
  #isOver = false

  constructor(socket: Socket, options: ArrivalOptions, parts: Parts) {
    this.#socket = socket
    this.#options = options
    this.#parts = parts
    this.#address = plainAddress(socket.remoteAddress ?? '')
    this.#port = socket.remotePort ?? 0
    this.#cancel = parts.after(options.detectionMs, () => this.drop())
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
    socket.on('end', this.#onEnd)
    socket.on('data', this.#onFirst)
  }

  /** It is its turn. */
  begin(): void {
    this.#isShaking = true
    this.#parts.shake()
  }

  failed(fields: Fields): void {
    if (this.#isOver) return
    const from = { address: this.#address, port: this.#port }
    this.#parts.failures.add('peer-refused', this.#address, { ...from, ...fields })
    this.drop()
  }

  enter(socket: TLSSocket): void {
    if (!this.#end()) return
    if (!socket.destroyed) this.#parts.accept(socket)
  }

  /** Without a word. */
  drop(): void {
    this.#end()
    this.#socket.destroy()
  }

  /** False if that was so already. */
  #end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    this.#cancel()
    this.#parts.queue.remove(this)
    this.#parts.over()
    return true
  }

  readonly #onFirst = (bytes: Buffer): void => {
    const socket = this.#socket
    if (this.#isOver) return
    this.isSilent = false
    socket.off('data', this.#onFirst)
    socket.off('end', this.#onEnd)
    const { takesPlain, handshakeMs } = this.#options
    if (bytes[0] === TLS_FIRST_BYTE) {
      socket.pause()
      socket.unshift(bytes)
      this.#cancel()
      this.#cancel = this.#parts.after(handshakeMs, () => {
        this.failed({ problem: `has not finished its handshake for ${handshakeMs} ms` })
      })
      this.#parts.queue.add(this)
    } else if (takesPlain) {
      this.#enterPlain(bytes)
    } else {
      this.failed({
        problem: 'does not speak TLS: set sslQuorum=true there, or portUnification=true here',
      })
    }
  }

  #enterPlain(bytes: Buffer): void {
    if (!this.#end()) return
    this.#socket.off('error', this.#onError)
    this.#socket.off('close', this.#onClose)
    const socket = readingIntoBuffer(this.#socket, false)
    socket.on('error', ignore)
    this.#parts.accept(socket)
    socket.emit('data', bytes)
  }

  readonly #onEnd = (): void => {
    this.#socket.destroy()
  }

  readonly #onError = (): void => {
    this.#socket.destroy()
  }

  readonly #onClose = (): void => {
    if (this.#isShaking) this.failed({ problem: handshakeProblem(null) })
    else this.#end()
  }
}

function ignore(): void {}
