// What an actor's thread tells the main thread outside the rings: rarely, and never awaited. And
// the main thread's order to all of them, a word in shared memory.

import type { LogLevel } from '../../actors/log/options.ts'
import type { FrozenTree } from '../../actors/tree/snapshot/snapshot-source.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import type { ActorName } from '../topology.ts'

/** The order to end. Any other new value asks for a description. */
export const STOP = -1

export type ThreadReport =
  | { kind: 'snapshot'; frozen: FrozenTree }
  | {
      kind: 'log'
      level: LogLevel
      actor: ActorName
      event: string
      /** When it happened, in milliseconds since 1970. */
      wallMs: number
      fields: Readonly<Record<string, string | number>>
    }
  /** A session has ended, and these nodes of it with it. */
  | { kind: 'owned-deleted'; sessionId: SessionId; paths: ReadonlySet<string> }
  /** The data is no longer where it was, and the log writes nothing. */
  | { kind: 'data-gone'; problem: string }
  | { kind: 'failed'; actor: ActorName; state: string; error: unknown }

/** The answer to such an order: what the actor is doing, and its heap in bytes. */
export interface Description {
  readonly kind: 'described'
  readonly actor: ActorName
  readonly state: string
  readonly heapBytes: number
}
