// What a server is to its clients at this moment, in the words of `srvr`.

import { ServingMode } from '../../protocol/messages/network.ts'

/** `looking` serves nobody. `read-only` serves reads without a quorum. */
export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer' | 'looking' | 'read-only'

const MODES: Readonly<Record<ServingMode, ServerMode>> = {
  [ServingMode.standalone]: 'standalone',
  [ServingMode.leader]: 'leader',
  [ServingMode.follower]: 'follower',
  [ServingMode.observer]: 'observer',
  [ServingMode.readOnly]: 'read-only',
}

export interface ServingOptions {
  /** A leader has clients of its own. */
  readonly leaderServes: boolean
  /** Without a leader there may be new sessions, which this server alone knows of. */
  readonly localSessionsEnabled: boolean
}

/** Whom it serves, as the tree says. */
export class Serving {
  readonly #leaderServes: boolean
  readonly #localSessions: boolean
  mode: ServerMode = 'standalone'
  /** Sessions may begin and go on here. */
  isOn = false
  #sinceMs = 0

  /** Null: a server on its own. */
  constructor(options: ServingOptions | null) {
    this.#leaderServes = options?.leaderServes ?? true
    this.#localSessions = options?.localSessionsEnabled ?? false
  }

  begin(mode: ServingMode, nowMs: number): void {
    this.mode = MODES[mode]
    this.isOn = true
    this.#sinceMs = nowMs
  }

  end(): void {
    this.isOn = false
  }

  /** Milliseconds since it last began. */
  forMs(nowMs: number): number {
    return nowMs - this.#sinceMs
  }

  /** There is no leader, and only who asks for reads alone is served. */
  get isReadOnly(): boolean {
    return this.mode === 'read-only'
  }

  /** Nobody can create a session. */
  get hasNoNewSessions(): boolean {
    return this.isReadOnly && !this.#localSessions
  }

  /** It leads, and leaves clients to the others. */
  get leadsOnly(): boolean {
    return this.mode === 'leader' && !this.#leaderServes
  }
}
