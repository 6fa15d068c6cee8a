// What a story is: something that went wrong, from its beginning to its end, why, and what was seen.

import type { Fact } from './fact.ts'

export type StoryKind = 'start' | 'outage' | 'learner' | 'slow' | 'sessions' | 'stall'

/** What is behind it, as far as one server can see. */
export type CauseKind =
  | 'started'
  | 'ended-without-stop'
  | 'failed'
  | 'stopped'
  | 'stalled'
  | 'disk'
  | 'peer-closed'
  | 'peer-silent'
  | 'quorum'
  | 'client-silent'
  | 'client-gone'
  | 'unknown'

export interface Cause {
  readonly kind: CauseKind
  /** A sentence without its end. */
  readonly words: string
  /** Of another server that it lies with; null: of nobody else. */
  readonly server: number | null
}

export interface Story {
  readonly kind: StoryKind
  /** Whose it is; 0 for a server on its own. */
  readonly server: number
  readonly fromMs: number
  /** Null: it goes on. */
  readonly untilMs: number | null
  /** Of the leader at its end, where there is one. */
  readonly epoch: number | null
  readonly cause: Cause
  /** In their order. */
  readonly facts: readonly Fact[]
}
