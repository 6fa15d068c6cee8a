// The gate of a port that takes TLS, and perhaps plain text as well. It looks at a connection's
// first byte, waits for the connection's turn, does the handshake, checks the certificate, and lets
// the client in.
//
//   accepted ──first byte──▶ waiting for its turn ──▶ handshake ──▶ certificate ──▶ entered
//       └── plain text: entered where that is allowed, else refused
//
// The first byte has a deadline, and so have handshake and certificate together. The wait between them
// has none: how long it takes is the server's affair, and a client that gives up meanwhile is noticed.
// TLS begins with the byte 22. No plain text does: a client's frame with that first byte would be 360 MB
// long, and a four-letter word begins with a letter.

import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'
import { readingIntoBuffer } from '../../socket/read-buffer.ts'
import type { Credentials } from '../../tls/credentials.ts'
import type { Handshake, HandshakeQueue } from '../../tls/handshake-queue.ts'
import { handshakeServer, keyOf, TLS_FIRST_BYTE } from '../../tls/handshake-server.ts'
import type { RefusalReason } from '../input/refusals.ts'
import type { ClientTransport, Guest, ListenerUser } from '../transport/client-transport.ts'
import { NO_PROOF } from '../transport/client-transport.ts'
import type { Gate } from '../transport/tcp-transport.ts'
import { type Admittance, isDenial, type ProofOptions, proofOf } from './client-proof.ts'

export interface TlsGateOptions extends ProofOptions {
  /** Milliseconds for the first byte. */
  readonly detectionMs: number
  /** Milliseconds from the client's turn until it may enter. */
  readonly handshakeMs: number
}

export interface TlsGateParts {
  readonly user: ListenerUser
  readonly queue: HandshakeQueue
  readonly time: Pick<ClientTransport, 'after'>
  /** Milliseconds since 1970. */
  readonly wallMs: () => number
}

export class TlsGate implements Gate {
  readonly #options: TlsGateOptions
  readonly #parts: TlsGateParts
  readonly #takesPlain: boolean
  readonly #server: Server
  /** Connections that have not entered yet, by address and port. The listener's user bounds them
   * (`knock`). */
  readonly #arrivals: Map<string, Arrival> = new Map()

  constructor(
    options: TlsGateOptions,
    credentials: Credentials,
    takesPlain: boolean,
    parts: TlsGateParts,
  ) {
    this.#options = options
    this.#parts = parts
    this.#takesPlain = takesPlain
    this.#server = handshakeServer(credentials.context, options)
    this.#server.on('secureConnection', (socket) => void this.#shaken(socket))
    this.#server.on('tlsClientError', (error, socket) => {
      this.#arrivals.get(keyOf(socket))?.failed(error)
    })
  }

  /** Connections that have neither entered nor gone. */
  get arrivals(): number {
    return this.#arrivals.size
  }

  /** Uses these credentials for handshakes from now on. */
  use(credentials: Credentials): void {
    this.#server.setSecureContext(credentials.context)
  }

  take(accepted: Socket): void {
    const guest = this.#parts.user.knock(accepted)
    if (guest === null) return
    const key = keyOf(accepted)
    const arrival = new Arrival(accepted, guest, {
      ...this.#options,
      ...this.#parts,
      takesPlain: this.#takesPlain,
      shake: () => this.#server.emit('connection', accepted),
      over: () => {
        if (this.#arrivals.get(key) === arrival) this.#arrivals.delete(key)
      },
    })
    this.#arrivals.set(key, arrival)
  }

  close(): void {
    for (const arrival of [...this.#arrivals.values()]) arrival.drop()
  }

  async #shaken(socket: TLSSocket): Promise<void> {
    const arrival = this.#arrivals.get(keyOf(socket))
    if (arrival === undefined) {
      socket.destroy()
      return
    }
    socket.allowHalfOpen = true
    // Errors are ignored until the network loop listens.
    const ignore = (): void => undefined
    socket.on('error', ignore)
    const outcome = await proofOf(socket, this.#options, this.#parts.wallMs())
    if (isDenial(outcome)) arrival.refuse(outcome.reason, outcome.fields)
    else arrival.enter(socket, (guest) => enter(guest, socket, outcome))
    socket.off('error', ignore)
  }
}

function enter(guest: Guest, socket: TLSSocket, { proof, remark }: Admittance): void {
  if (remark !== null) {
    const [identity] = proof.identities
    guest.note('alternative-name-unusable', { problem: remark, subject: identity?.id })
  }
  guest.enter(socket, proof)
}

interface ArrivalParts extends TlsGateOptions, TlsGateParts {
  readonly takesPlain: boolean
  shake(): void
  /** Called once it has entered or gone. */
  over(): void
}

/** One connection, from its acceptance until it enters or is gone. */
class Arrival implements Handshake {
  readonly #socket: Socket
  readonly #parts: ArrivalParts
  /** Null when it has entered or gone. */
  #guest: Guest | null
  #cancel: () => void
  /** What has come while it waits for its turn: the beginning of a handshake. */
  #held: Buffer[] = []
  #isShaking = false

  constructor(socket: Socket, guest: Guest, parts: ArrivalParts) {
    this.#socket = socket
    this.#guest = guest
    this.#parts = parts
    this.#cancel = this.#deadline(parts.detectionMs, 'said nothing')
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
    socket.on('end', this.#onEnd)
    socket.on('readable', this.#onReadable)
  }

  /** Called when it is this connection's turn. */
  begin(): void {
    this.#isShaking = true
    this.#cancel = this.#deadline(this.#parts.handshakeMs, 'has not finished its handshake')
    this.#socket.off('readable', this.#onReadable)
    this.#socket.off('end', this.#onEnd)
    this.#socket.unshift(Buffer.concat(this.#held))
    this.#held = []
    // A client that ends its side during the handshake is gone. After the handshake it may still
    // wait for replies.
    this.#socket.allowHalfOpen = false
    this.#parts.shake()
  }

  failed(error: Error): void {
    this.refuse('tls-handshake-failed', { problem: failureText(error) })
  }

  refuse(reason: RefusalReason, fields: Readonly<Record<string, unknown>>): void {
    const guest = this.#gone()
    guest?.refuse(reason, fields)
    this.#socket.destroy()
  }

  enter(socket: { readonly destroyed: boolean }, enter: (guest: Guest) => void): void {
    const guest = this.#gone()
    if (guest === null) return
    if (socket.destroyed) guest.leave()
    else enter(guest)
  }

  /** Called when the server stops. */
  drop(): void {
    this.#gone()?.leave()
    this.#socket.destroy()
  }

  #deadline(ms: number, doing: string): () => void {
    return this.#parts.time.after(ms, () => {
      this.refuse('tls-handshake-timeout', { problem: `${doing} for ${ms} ms` })
    })
  }

  /** Ends the wait at the gate. Returns the guest the first time, then null. */
  #gone(): Guest | null {
    const guest = this.#guest
    if (guest === null) return null
    this.#guest = null
    this.#cancel()
    this.#parts.queue.remove(this)
    this.#parts.over()
    return guest
  }

  readonly #onReadable = (): void => {
    const socket = this.#socket
    const bytes = socket.read() as Buffer | null
    if (bytes === null || this.#guest === null) return
    if (this.#held.length > 0) {
      this.#hold(bytes)
    } else if (bytes[0] === TLS_FIRST_BYTE) {
      this.#cancel()
      this.#hold(bytes)
      this.#parts.queue.add(this)
    } else if (this.#parts.takesPlain) {
      socket.off('readable', this.#onReadable)
      socket.off('end', this.#onEnd)
      this.enter(socket, (guest) => this.#enterPlain(guest, bytes))
    } else {
      const problem = 'this port takes only TLS; clientPort takes plain text'
      this.refuse('plain-text-on-tls-port', { problem })
    }
  }

  /** Reads on, to notice when the client gives up; but only so much. */
  #hold(bytes: Buffer): void {
    this.#held.push(bytes)
    const length = this.#held.reduce((sum, { length }) => sum + length, 0)
    if (length > HELD_BYTES_MAX) this.#socket.off('readable', this.#onReadable)
  }

  #enterPlain(guest: Guest, bytes: Buffer): void {
    this.#socket.off('error', this.#onError)
    this.#socket.off('close', this.#onClose)
    const socket = readingIntoBuffer(this.#socket, true)
    guest.enter(socket, NO_PROOF)
    socket.emit('data', bytes)
    socket.resume()
  }

  readonly #onEnd = (): void => {
    this.#socket.destroy()
  }

  readonly #onError = (): void => {
    this.#socket.destroy()
  }

  readonly #onClose = (): void => {
    if (this.#isShaking) this.failed(new Error(HUNG_UP))
    else this.#gone()?.leave()
  }
}

/** The first message of a handshake seldom has more than two kilobytes. */
const HELD_BYTES_MAX = 16_384

const HUNG_UP = 'the client hung up: perhaps it does not trust our certificate'

const ALERTS: readonly (readonly [RegExp, string])[] = [
  [
    /UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE/,
    'the client does not trust our certificate',
  ],
  [/CERTIFICATE_EXPIRED/, 'the client says that our certificate has expired'],
  [/NO_SHARED_CIPHER/, 'the client offers no cipher suite that is allowed here'],
  [
    /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/,
    'the client offers no version of TLS that is allowed here',
  ],
  [/ECONNRESET/, HUNG_UP],
]

function failureText(error: Error): string {
  // OpenSSL's reason, without its place in OpenSSL's sources.
  const { code, message, reason } = error as NodeJS.ErrnoException & { readonly reason?: string }
  const words = ALERTS.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? reason ?? message
  return code === undefined ? words : `${words} (${code})`
}
