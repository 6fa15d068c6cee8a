// A connection whose frames are read and given their meaning, by itself: what its neighbours are told.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { DEFAULTS } from '../../../../config/options.ts'
import { ServingMode } from '../../../../protocol/messages/network.ts'
import { OpCode } from '../../../../protocol/op-code.ts'
import { ClientConnection } from '../../../../runtime/net/client-connection.ts'
import { ClientInput } from '../../../../runtime/net/input/client-input.ts'
import { LoneWriter } from '../../../../runtime/net/lone-writer.ts'
import { NetworkStats } from '../../../../runtime/net/network-stats.ts'
import { OutputBuffers } from '../../../../runtime/net/output/output-buffers.ts'
import { Serving } from '../../../../runtime/net/server-mode.ts'
import type { HostClock } from '../../../../runtime/thread/actor-host.ts'
import { FarEnd, recorder } from '../loop-fixture.ts'

/** Options of a server that knows bob. */
export const SASL: Partial<typeof DEFAULTS> = {
  saslLogin: new Map([['bob', 'sesame']]),
  saslProvider: true,
}

export class InputFixture {
  readonly said: unknown[][] = []
  readonly clock: HostClock & { nowMs: number } = {
    nowMs: 0,
    wallMs: 0,
    advance: () => {},
    read: () => 0,
  }
  blocked: boolean = false
  readonly serving: Serving = new Serving({ leaderServes: false, localSessionsEnabled: false })
  readonly input: ClientInput
  /** Of every session. */
  password: Buffer = Buffer.alloc(16, 'p')
  readonly connection: ClientConnection

  constructor(options: Partial<typeof DEFAULTS> = {}) {
    const fixture = this
    const port = {
      tree: recorder('tree', this.said),
      sessions: recorder('sessions', this.said),
      get blocked() {
        return fixture.blocked
      },
      announceWrite: () => this.said.push(['announceWrite']),
    }
    this.input = new ClientInput({ ...DEFAULTS, ...options }, this.clock, port as never, {
      command: () => null,
      stats: new NetworkStats(),
      refuse: (connection, reason) => {
        connection.state = 'closing'
        this.said.push(['refuse', reason])
      },
      refusals: { refuse: (reason) => this.said.push(['note', reason]) },
      finish: () => this.said.push(['finish']),
      serving: this.serving,
      handshaken: () => this.said.push(['handshaken']),
      after: () => () => {},
      audit: null,
      kerberos: null,
      lone: new LoneWriter(),
      passwordOf: () => this.password,
    })
    const { socket } = new FarEnd('10.0.0.1')
    this.connection = new ClientConnection(0, socket, '10.0.0.1', this.clock, new OutputBuffers())
    this.serving.begin(ServingMode.follower, 0)
  }

  /** What is said when these frames come; whether something is left that has to wait. */
  take(...frames: readonly Uint8Array[]): [boolean, unknown[][]] {
    this.connection.input.feed(Buffer.concat(frames))
    const waits = this.input.pump(this.connection)
    this.connection.input.keep()
    return [waits, this.said.splice(0)]
  }

  open(): void {
    this.connection.state = 'open'
    this.connection.input.lengthMax = DEFAULTS.juteMaxBuffer
  }
}

/** What the tree is told to answer, without the length. */
export function answerIn([name, slot, xid, opCode, token]: readonly unknown[]): string {
  deepStrictEqual([name, slot, opCode], ['tree.request', 0, OpCode.sasl])
  strictEqual(typeof xid, 'number')
  return String(token).slice(4)
}
