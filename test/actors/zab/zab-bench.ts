// A member's zab by itself, with what it asks of election, log and links.

import { strictEqual } from 'node:assert/strict'
import { Zab } from '../../../actors/zab/zab.ts'
import { learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { membershipOf } from '../../support/membership.ts'
import { CONFIG, GAUGES, int, packet, Recorder, z } from './ensemble-recorder.ts'

const nothing = (): void => {}

export class ZabBench {
  readonly recorder: Recorder = new Recorder(z('4.4'), [], z('4.4'))
  readonly zab: Zab
  inTouchMs: number = Number.POSITIVE_INFINITY
  readonly #lines: string[] = []

  /** `committedBytesMax`: in memory. */
  constructor(committedBytesMax: number = 1e6) {
    const { links, tree } = this.recorder.context(3)
    const say = (line: string): void => {
      this.#lines.push(line)
    }
    this.zab = new Zab(
      {
        serverId: 3,
        reconfigEnabled: false,
        membership: membershipOf(CONFIG),
        readOnlyAfterMs: Number.POSITIVE_INFINITY,
        commitLogCount: 100,
        committedBytesMax,
        roomBytes: 1e6,
        fsyncWarningThresholdMs: 1000,
        ...{ tickTimeMs: 100, initLimit: 10, syncLimit: 5, heartbeatMs: 50, silenceMs: 500 },
        agreedSilenceMs: 150,
      },
      this.recorder.clock,
      {
        links: {
          ...links,
          configured: (members) => say(`links to ${members.map(({ id }) => id).join()}`),
        },
        log: {
          ...{ append: nothing, saveEpoch: nothing, truncate: nothing, install: nothing },
          saveConfig: nothing,
          ...{ whole: nothing, readOn: nothing, endRead: nothing },
          beginRead: (link, kind) => say(`${link}: read ${kind}`),
          reload: () => say('reload'),
          fence: () => say('fence'),
        },
        tree,
        sessions: { touched: nothing, learnerLost: nothing },
        inTouch: (ms) => {
          this.inTouchMs = ms
        },
        election: {
          ...{ established: nothing, startPulses: nothing, stopPulses: nothing, proposed: nothing },
          configured: (_, start, end) => say(`election hears ${end - start} bytes`),
          look: () => say('look'),
          rest: () => say('rest'),
        },
        journal: { log: nothing },
      },
      GAUGES,
    )
    this.zab.epochs(4, 4)
    this.zab.loaded(z('4.4'))
    this.taken()
  }

  /** Leads epoch 5, with server 2 on link 1. */
  static leading(): ZabBench {
    const bench = new ZabBench()
    const { zab } = bench
    zab.elected(3)
    zab.linkOpened(1)
    zab.packet(1, packet(PacketType.followerInfo, z('4.0'), learnerInfoBytes(2, 0n, 50)))
    zab.epochSaved('accepted')
    zab.packet(1, packet(PacketType.ackEpoch, z('4.4'), int(4)))
    zab.epochSaved('current')
    zab.packet(1, packet(PacketType.ack, z('5.0')))
    strictEqual(zab.role, 'leading')
    bench.taken()
    return bench
  }

  taken(): string[] {
    return this.#lines.splice(0)
  }
}
