// A story: something that went wrong, from its beginning to its end, with its cause and the facts
// about it.

import type { Fact } from './fact.ts'

export type StoryKind = 'start' | 'outage' | 'learner' | 'slow' | 'sessions' | 'stall' | 'full'

/** What caused a story, as far as one server can see. */
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
  /** A sentence without its full stop. */
  readonly words: string
  /** The id of the other server that caused it; null if no other server is known to have. */
  readonly server: number | null
}

export interface Story {
  readonly kind: StoryKind
  /** The id of the server that tells it; 0 for a standalone server. */
  readonly server: number
  /** Milliseconds since 1970. */
  readonly fromMs: number
  /** Milliseconds since 1970; null while the story goes on. */
  readonly untilMs: number | null
  /** The epoch of the leader at its end; null if there is none. */
  readonly epoch: number | null
  readonly cause: Cause
  /** Oldest first. */
  readonly facts: readonly Fact[]
}
