// What a server is to its clients at present, in the words of `srvr`.

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
  /** Whether a leader serves clients of its own. */
  readonly leaderServes: boolean
  /** Whether, without a leader, there may be new sessions that only this server knows of. */
  readonly localSessionsEnabled: boolean
}

/** Whom the server serves, according to the tree. */
export class Serving {
  readonly #leaderServes: boolean
  readonly #localSessions: boolean
  mode: ServerMode = 'standalone'
  /** Whether sessions may begin and continue here. */
  isOn = false
  #sinceMs = 0

  /** Null on a standalone server. */
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

  /** Milliseconds since it last began to serve. */
  forMs(nowMs: number): number {
    return nowMs - this.#sinceMs
  }

  /** There is no leader, and only clients that ask for a read-only connection are served. */
  get isReadOnly(): boolean {
    return this.mode === 'read-only'
  }

  /** Whether no session can be created. */
  get hasNoNewSessions(): boolean {
    return this.isReadOnly && !this.#localSessions
  }

  /** Whether it leads, and leaves clients to the others. */
  get leadsOnly(): boolean {
    return this.mode === 'leader' && !this.#leaderServes
  }
}
