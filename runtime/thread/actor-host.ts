// The duty cycle: one turn of an actor, called by a thread's loop, or by hand (the simulator).
//
// A turn flushes what spilled; delivers messages from each inbox in turn, up to a limit; ticks the
// actor if it is due; lets it end the turn; and publishes each outbox once. While an outbox has
// spilled more than its edge allows, only absorbing inboxes are delivered from. So a slow consumer
// stops its producers, and nobody's queue grows; an actor with sockets stops reading from them. The
// next turn with room begins behind the inbox that filled it: a flood whose replies fill a ring in
// every turn leaves everybody else their share. Nothing here blocks; parking is the thread's
// business.

import type { Actor } from '../../actors/actor.ts'
import type { Inbox, Outbox } from '../ring/mailbox.ts'
import type { FrameView } from '../ring/ring.ts'
import { TurnCounters } from './turn-counters.ts'

export interface HostClock {
  nowMs: number
  wallMs: number
  /** Reads the time into both fields. */
  advance(): void
  /** The time now. `nowMs` stays what it was when the turn began. */
  read(): number
}

export interface Inlet {
  inbox: Inbox
  /** A message type of which many may come at once, and that must not delay everything else. */
  costlyType?: number
  /** Whether its messages have to wait. Asked after each message. */
  isHeld?(): boolean
  deliver(frame: FrameView): void
}

/** The actor's own sockets. */
export interface HostSockets {
  /** While true nothing is read from them. Setting it to false delivers what has come meanwhile. */
  paused: boolean
  /** Writes what the turn has gathered. */
  endTurn(): void
  /** Closes them all. */
  shutdown(): void
}

const MESSAGES_A_TURN = 1024
const COSTLY_A_TURN_MAX = 64
const MESSAGES_A_PUBLISH = 32
const BLOCKED_MS = 20

export class ActorHost {
  readonly actor: Actor
  readonly clock: HostClock
  /** How many messages an inbox gives in a turn at most. */
  messagesMax: number = MESSAGES_A_TURN
  readonly #inlets: readonly Inlet[]
  readonly #outboxes: readonly Outbox[]
  readonly #sockets: HostSockets | null
  readonly #counters: TurnCounters
  #worked = false
  /** The inlet that a turn begins with. The tick and the end of the turn count as one more, the
   * last. */
  #first = 0
  /** Something was not taken in this turn, because the turn is long enough or the actor is
   * blocked. */
  #left = false

  constructor(
    actor: Actor,
    clock: HostClock,
    inlets: readonly Inlet[],
    outboxes: readonly Outbox[],
    sockets: HostSockets | null = null,
    counters: TurnCounters = new TurnCounters(),
  ) {
    this.actor = actor
    this.clock = clock
    this.#inlets = inlets
    this.#outboxes = outboxes
    this.#sockets = sockets
    this.#counters = counters
  }

  /** One turn. True if something is left to do: then do not park. Whatever comes meanwhile rings. */
  turn(): boolean {
    this.clock.advance()
    const startMs = this.clock.nowMs
    // What sockets brought was sent on before the turn.
    if (this.#counters.isTimed) this.#probe(startMs)
    this.#flush()
    const wasBlocked = this.blocked
    if (this.#sockets !== null) this.#sockets.paused = wasBlocked
    this.#left = false
    const last = this.#inlets.length
    let messages = 0
    let hasTicked = false
    let next = wasBlocked ? this.#first : null
    for (let i = 0; i <= last; i++) {
      const place = (this.#first + i) % (last + 1)
      if (place < last) messages += this.#drain(this.#inlets[place]!, startMs)
      else if (!this.blocked) hasTicked = this.#tick(i < last)
      if (this.blocked) next ??= (place + 1) % (last + 1)
    }
    this.#first = next ?? 0
    if (this.blocked) {
      this.actor.whileBlocked?.()
      this.#left = true
    }
    const unfinished = !this.blocked && this.actor.endTurn()
    if (this.#counters.isTimed) this.#probe(this.clock.read())
    // Neighbours first: a leader's log should sync at the same time as its followers' logs, not
    // after them.
    this.#flush()
    this.#sockets?.endTurn()
    if (this.#counters.isTimed) this.#counters.timed(this.clock.read() - startMs)
    this.#counters.turned(messages, startMs)
    this.#worked = messages > 0 || hasTicked || unfinished
    // What was left because of a full ring is not announced again. It was announced before, perhaps
    // before this turn, and the consumer of a ring that never starved does not ring. And whether
    // sockets may be read from is for the next turn to decide.
    return unfinished || (this.#left && !this.blocked) || this.blocked !== wasBlocked
  }

  /** Whether the latest turn found anything to do. */
  get worked(): boolean {
    return this.#worked
  }

  /** Whether a consumer has no room for what this actor has already sent. */
  get blocked(): boolean {
    for (const outbox of this.#outboxes) if (outbox.blocked) return true
    return false
  }

  /** How long the thread may sleep if nobody rings. While blocked, nothing is due before a consumer
   * rings: an overdue tick must not keep the thread spinning. */
  parkMs(): number {
    if (this.blocked) return this.actor.whileBlocked ? BLOCKED_MS : Number.POSITIVE_INFINITY
    return Math.max(0, this.actor.nextTickMs() - this.clock.nowMs)
  }

  /** Whether the actor expects a message within the time of a sync. */
  get expectsSoon(): boolean {
    return this.actor.expectsSoon?.() ?? false
  }

  /** An orderly end, after the last turn. */
  close(): void {
    this.actor.shutdown?.()
    this.#sockets?.shutdown()
  }

  /** What follows a turn's messages. `ends`: this is not the turn's own end; the last turn had
   * none. True if a tick was due. */
  #tick(ends: boolean): boolean {
    const isDue = this.clock.nowMs >= this.actor.nextTickMs()
    if (isDue) this.actor.tick()
    if (ends && !this.blocked) this.actor.endTurn()
    return isDue
  }

  #drain(inlet: Inlet, startMs: number): number {
    let count = 0
    let costly = 0
    for (;;) {
      const full = count >= this.messagesMax || costly === COSTLY_A_TURN_MAX
      const isHeld = inlet.isHeld?.() ?? false
      if (full || isHeld || (this.blocked && !inlet.inbox.absorbing)) {
        this.#left = true
        break
      }
      const frame = inlet.inbox.next()
      if (frame === null) break
      if (frame.type === inlet.costlyType) costly++
      inlet.deliver(frame)
      count++
      if (count % MESSAGES_A_PUBLISH === 0) this.#flush()
    }
    if (count > 0) inlet.inbox.observe(startMs)
    inlet.inbox.release()
    return count
  }

  #probe(nowMs: number): void {
    for (const outbox of this.#outboxes) outbox.probe(nowMs)
  }

  #flush(): void {
    for (const outbox of this.#outboxes) outbox.flush()
  }
}
