// How long a learner believes its leader.
//
// Any bytes on the link are a sign of life, and while it is being synchronized a reason to wait for
// another initLimit. A leader of ours gives two more signs: PINGs at a short interval, and pulses from
// a thread that does nothing else, over the connection between the elections (actors/election): so
// who is gone or stopped is told from who is busy. While pulses come the link may be silent for
// syncLimit, as a Java leader's may; without them for `silenceMs`.

import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { BUSY, quickMs, Silence } from '../../silence.ts'
import type { ZabContext } from '../context.ts'

export class LeaderWatch {
  readonly #context: ZabContext
  readonly #leader: ServerId
  readonly #link: Silence
  readonly #syncMs: number
  readonly #initMs: number
  #progressMs: number
  /** Of a leader of ours; 0 of another. */
  #beatMs = 0

  constructor(context: ZabContext, leader: ServerId) {
    const { clock, times } = context
    this.#context = context
    this.#leader = leader
    this.#syncMs = times.syncLimit * times.tickTimeMs
    this.#initMs = times.initLimit * times.tickTimeMs
    this.#link = new Silence(this.#syncMs, clock.nowMs)
    this.#progressMs = clock.nowMs
  }

  /** The leader is one of ours, and sends a sign of life this often. */
  expectBeats(intervalMs: number): void {
    this.#beatMs = intervalMs
    this.#context.pulses.startPulses(this.#leader, intervalMs)
    this.pulse(this.#leader, false)
  }

  /** Whether the server has pulses, as far as the election has heard. */
  pulse(server: ServerId, alive: boolean): void {
    if (server !== this.#leader || this.#beatMs === 0) return
    const { clock, times } = this.#context
    const limitMs = quickMs(times.silenceMs, this.#beatMs)
    if (alive) this.#link.allow(this.#syncMs, this.#syncMs, clock.nowMs)
    else this.#link.allow(limitMs, Math.min(this.#syncMs, BUSY * limitMs), clock.nowMs)
  }

  heard(): void {
    const { nowMs } = this.#context.clock
    this.#link.heard(nowMs)
    this.#progressMs = nowMs
  }

  /** When it will have been silent for too long. */
  get silentMs(): number {
    return this.#link.endMs
  }

  get isSilent(): boolean {
    return this.#link.isOver(this.#context.clock.nowMs)
  }

  /** When a synchronization that makes no progress is given up. */
  get initEndMs(): number {
    return this.#progressMs + this.#initMs
  }
}
