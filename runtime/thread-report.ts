// What an actor's thread tells the main thread outside the rings: rare, and never awaited.

import type { LogLevel } from '../actors/log/options.ts'
import type { FrozenTree } from '../actors/tree/snapshot-source.ts'
import type { Link } from '../protocol/messages/zab.ts'
import type { ActorName } from './topology.ts'

export type ThreadReport =
  | { kind: 'snapshot'; frozen: FrozenTree }
  /** For zab's thread. */
  | { kind: 'learner-snapshot'; link: Link; frozen: FrozenTree }
  | {
      kind: 'log'
      level: LogLevel
      actor: ActorName
      event: string
      fields: Readonly<Record<string, string | number>>
    }
  | { kind: 'failed'; actor: ActorName; state: string; error: unknown }
