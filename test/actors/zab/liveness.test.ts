// Who is gone is told from who is busy: what leader and learner make of pulses, of PINGs, of bytes
// that are nothing whole yet, and for how long they wait for a synchronization.

import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ZabContext } from '../../../actors/zab/context.ts'
import { Follower } from '../../../actors/zab/follower/follower.ts'
import { Leader } from '../../../actors/zab/leader/leader.ts'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { leaderInfoBytes, learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { readStanding, type Standing, standingBytes } from '../../../protocol/quorum/standing.ts'
import { int, packet, Recorder, z } from './ensemble-recorder.ts'
import { ZabBench } from './zab-bench.ts'

const LINK = 71
const TIMES = {
  ...{ tickTimeMs: 1000, initLimit: 10, syncLimit: 5, heartbeatMs: 50, silenceMs: 500 },
  ...{ agreedSilenceMs: 150, fsyncWarningThresholdMs: 1000 },
}
const [AGREED_MS, SILENCE_MS, SYNC_MS, INIT_MS, GRACE_MS] = [150, 500, 5000, 10_000, 5]

function contextOf(recorder: Recorder, serverId: number): ZabContext {
  return { ...recorder.context(serverId), times: TIMES }
}

describe('a learner', () => {
  /** Follower 1 of server 3, which is one of ours if it sends PINGs this often. */
  class Bench {
    readonly recorder: Recorder = new Recorder(z('4.4'), [], z('4.4'))
    readonly follower: Follower = new Follower(contextOf(this.recorder, 1), 3)

    constructor(beatMs: number) {
      this.follower.start()
      this.follower.linkOpened(LINK)
      this.hears(PacketType.leaderInfo, '5.0', leaderInfoBytes(beatMs))
      this.follower.epochSaved('accepted')
      this.hears(PacketType.diff, '4.4')
    }

    following(): this {
      this.hears(PacketType.newLeader, '5.0')
      this.follower.epochSaved('current')
      this.hears(PacketType.upToDate, '5.0')
      this.recorder.taken()
      return this
    }

    hears(type: number, zxid: string, data: Uint8Array | null = null): void {
      this.follower.packet(LINK, packet(type, z(zxid), data))
    }

    /** The answer to a PING at this time. */
    answersAt(nowMs: number, data: Uint8Array | null = null): string[] {
      this.recorder.clock.nowMs = nowMs
      this.hears(PacketType.ping, '5.0', data)
      return this.recorder.taken()
    }

    /** Ticks when they are due, until it gives up: after how many ms. */
    endsAfterMs(): number {
      const { clock } = this.recorder
      const startMs = clock.nowMs
      while (!this.recorder.taken().some((line) => line.startsWith('give up'))) {
        clock.nowMs = this.follower.nextTickMs()
        this.follower.tick()
      }
      return clock.nowMs - startMs
    }
  }

  test('believes a silent leader of Java for syncLimit, one of ours for silenceMs', () => {
    strictEqual(new Bench(0).following().endsAfterMs(), SYNC_MS + GRACE_MS)
    strictEqual(new Bench(50).following().endsAfterMs(), SILENCE_MS + GRACE_MS)
  })

  test('believes one of ours for syncLimit while it has pulses, and not longer', () => {
    const busy = new Bench(50).following()
    busy.follower.watch.pulse(3, true)
    strictEqual(busy.endsAfterMs(), SYNC_MS + GRACE_MS)

    const stopped = new Bench(50).following()
    stopped.follower.watch.pulse(3, true)
    stopped.recorder.clock.nowMs += 550
    stopped.follower.watch.pulse(3, false)
    strictEqual(stopped.endsAfterMs(), GRACE_MS)
  })

  test('believes one of ours for agreedSilenceMs once a quorum has no pulse of it', () => {
    for (const [silentMs, leftMs] of [
      [200, GRACE_MS],
      [100, AGREED_MS - 100 + GRACE_MS],
    ] as const) {
      const stopped = new Bench(50).following()
      stopped.follower.watch.pulse(3, true)
      stopped.recorder.clock.nowMs += silentMs
      stopped.follower.watch.doubted(3)
      strictEqual(stopped.endsAfterMs(), leftMs)
    }
    for (const [beatMs, leader] of [
      [0, 3],
      [50, 2],
    ] as const) {
      const other = new Bench(beatMs).following()
      other.follower.watch.doubted(leader)
      strictEqual(other.endsAfterMs() >= SILENCE_MS, true)
    }
    const back = new Bench(50).following()
    back.follower.watch.doubted(3)
    back.follower.watch.pulse(3, true)
    strictEqual(back.endsAfterMs(), SYNC_MS + GRACE_MS)
  })

  test('asks for pulses of a leader of ours alone, and heeds nobody else', () => {
    const java = new Bench(0)
    deepStrictEqual(
      java.recorder.taken().filter((line) => line.startsWith('start pulses')),
      [],
    )
    const ours = new Bench(50)
    deepStrictEqual(
      ours.recorder.taken().filter((line) => line.startsWith('start pulses')),
      ['start pulses 3 each 50 ms'],
    )
    ours.following().follower.watch.pulse(2, true)
    strictEqual(ours.endsAfterMs(), SILENCE_MS + GRACE_MS)
  })

  test('takes bytes that are nothing whole yet for a sign of life', () => {
    const bench = new Bench(50).following()
    const { clock } = bench.recorder
    for (let i = 0; i < 20; i++) {
      clock.nowMs += 400
      bench.follower.progress(LINK)
      bench.follower.tick()
    }
    deepStrictEqual(bench.recorder.taken(), [])
    bench.follower.progress(LINK + 1)
    strictEqual(bench.endsAfterMs() < 4 * SILENCE_MS, true)
  })

  test('is in touch when it answers a PING and its session manager has told whom it heard', () => {
    const bench = new Bench(50).following()
    const { recorder, follower } = bench
    const touches = new Uint8Array(24).fill(1)
    bench.answersAt(100)
    strictEqual(recorder.inTouchMs, 100)
    follower.clients.touched(touches, 0, touches.length)
    bench.answersAt(600)
    strictEqual(recorder.inTouchMs, 600)
    bench.answersAt(601)
    strictEqual(recorder.inTouchMs, 600)
    follower.clients.touched(touches, 0, 0)
    bench.answersAt(602)
    strictEqual(recorder.inTouchMs, 602)
  })

  test('knows of a leader of ours when a quorum stood behind it, however late its PINGs come', () => {
    const bench = new Bench(50)
    bench.recorder.clock.nowMs = 100
    bench.following()
    const { recorder, follower } = bench
    const at = (nowMs: number, answers: number, ageMs: number | null): number => {
      bench.answersAt(nowMs, standingBytes(answers, ageMs))
      return recorder.inTouchMs
    }
    strictEqual(recorder.inTouchMs, Number.NEGATIVE_INFINITY)
    // It has acknowledged NEWLEADER at 100, and answers for the first time at 1000.
    strictEqual(at(1000, 0, null), Number.NEGATIVE_INFINITY)
    strictEqual(at(1100, 0, 30.5), 100 - 31)
    strictEqual(at(9000, 1, 40), 1000 - 40)
    strictEqual(at(9010, 1, 500), 1000 - 40)
    strictEqual(at(9020, 2, 0), 1100)
    // What its session manager has heard is overdue: such an answer does not count.
    follower.clients.touched(new Uint8Array(0), 0, 0)
    at(9100, 3, null)
    at(9700, 3, null)
    strictEqual(at(9710, 6, 0), 9100)
    strictEqual(at(9720, 7, 0), 9100)
  })

  test('of a leader of Java it knows that its PINGs come, from UPTODATE on', () => {
    const bench = new Bench(0)
    bench.recorder.clock.nowMs = 100
    strictEqual(bench.following().recorder.inTouchMs, 100)
    bench.answersAt(700)
    strictEqual(bench.recorder.inTouchMs, 700)
  })

  test('notes some of its answers while the leader has none of them', () => {
    const { recorder, ...bench } = { ...new Bench(50).following() }
    const answersAt = (nowMs: number, answers: number, ageMs: number | null): void => {
      recorder.clock.nowMs = nowMs
      const ping = packet(PacketType.ping, z('5.0'), standingBytes(answers, ageMs))
      bench.follower.packet(LINK, ping)
    }
    for (let i = 1; i <= 1000; i++) answersAt(20 * i, 0, null)
    // The acknowledgement of NEWLEADER and 63 more; then it goes on.
    answersAt(30_000, 1000, 0)
    strictEqual(recorder.inTouchMs, 63 * 20)
    answersAt(30_050, 1001, 0)
    strictEqual(recorder.inTouchMs, 30_000)
  })

  test('does not believe a leader that has more answers than it gave', () => {
    const bench = new Bench(50).following()
    throws(() => bench.answersAt(50, standingBytes(1, 0)), MalformedError)
    throws(() => bench.answersAt(50, new Uint8Array(11)), MalformedError)
    throws(() => bench.answersAt(50, standingBytes(-1, 0)), MalformedError)
  })

  test('tells a leader of ours when these are all, a Java leader only who they are', () => {
    for (const [beatMs, bytes] of [
      [50, [24 + 12, 12, 0]],
      [0, [24, 0, 0]],
    ] as const) {
      const bench = new Bench(beatMs).following()
      const { follower, recorder } = bench
      const touches = new Uint8Array(24).fill(1)
      const told: number[] = []
      for (const length of [24, 0, null]) {
        if (length !== null) follower.clients.touched(touches, 0, length)
        bench.answersAt(100)
        told.push(recorder.sentBytes)
      }
      deepStrictEqual(told, bytes)
    }
  })

  test('waits another initLimit for a synchronization whenever it goes on', () => {
    const bench = new Bench(50)
    strictEqual(bench.follower.nextTickMs(), INIT_MS)
    bench.recorder.clock.nowMs = INIT_MS - 1
    bench.follower.progress(LINK)
    strictEqual(bench.endsAfterMs(), INIT_MS)
  })
})

describe('a leader', () => {
  /** Leader 3 of epoch 5, to which server 2, one of ours, has introduced itself on link 2. */
  class Bench {
    readonly recorder: Recorder = new Recorder(z('4.4'), [], z('4.4'))
    readonly leader: Leader = new Leader(contextOf(this.recorder, 3))

    constructor() {
      this.leader.start()
      this.leader.linkOpened(2)
      const info = learnerInfoBytes(2, 0n, 50)
      this.leader.packet(2, packet(PacketType.followerInfo, z('4.0'), info))
      this.leader.epochSaved('accepted')
      this.leader.packet(2, packet(PacketType.ackEpoch, z('4.4'), int(4)))
      this.leader.epochSaved('current')
    }

    established(): this {
      this.leader.packet(2, packet(PacketType.ack, z('5.0')))
      this.recorder.taken()
      return this
    }

    joinsAsJava(server: number): void {
      const info = learnerInfoBytes(server, 0n, 0)
      this.leader.linkOpened(server)
      this.leader.packet(server, packet(PacketType.followerInfo, z('4.0'), info))
      this.leader.packet(server, packet(PacketType.ackEpoch, z('4.4'), int(4)))
      this.leader.packet(server, packet(PacketType.ack, z('5.0')))
    }

    /** Ticks when they are due, until there is a line that begins so: after how many ms. */
    says(what: string): number {
      const { clock } = this.recorder
      const startMs = clock.nowMs
      while (!this.recorder.taken().some((line) => line.startsWith(what))) {
        clock.nowMs = this.leader.nextTickMs()
        this.leader.tick()
      }
      return clock.nowMs - startMs
    }
  }

  test('drops a silent learner of ours after seconds, or after syncLimit if it has pulses', () => {
    strictEqual(new Bench().established().says('2: close'), 2500)
    const busy = new Bench().established()
    busy.leader.pulse(2, true)
    strictEqual(busy.says('2: close'), SYNC_MS + 500)
    const stopped = new Bench().established()
    stopped.leader.pulse(2, true)
    stopped.leader.pulse(2, false)
    strictEqual(stopped.says('2: close'), 2500)
  })

  test('asks for pulses of a learner of ours, until it is gone', () => {
    const bench = new Bench()
    strictEqual(bench.recorder.taken().includes('start pulses 2 each 50 ms'), true)
    bench.leader.linkClosed(2)
    deepStrictEqual(bench.recorder.taken(), ['stop pulses 2'])
  })

  test('is in touch as of the newest PING that a quorum has answered', () => {
    const bench = new Bench().established()
    const { recorder, leader } = bench
    const answer = (): void =>
      leader.packet(2, packet(PacketType.ping, z('5.0'), new Uint8Array(0)))
    recorder.inTouchMs = 0
    recorder.clock.nowMs = 50
    leader.tick()
    recorder.clock.nowMs = 100
    leader.tick()
    strictEqual(recorder.inTouchMs, 0)
    recorder.clock.nowMs = 9000
    answer()
    strictEqual(recorder.inTouchMs, 50)
    answer()
    strictEqual(recorder.inTouchMs, 100)
  })

  test('tells a learner of ours how many of its answers it has, and how a quorum stands', () => {
    const bench = new Bench().established()
    const { recorder, leader } = bench
    const at = (nowMs: number): void => {
      recorder.clock.nowMs = nowMs
    }
    const answers = (): void =>
      leader.packet(2, packet(PacketType.ping, z('5.0'), new Uint8Array(0)))
    const said = (): (Standing | null)[] => {
      return recorder.pings.splice(0).map((data) => data && readStanding(data))
    }
    // The first leaves at once, and the next as soon as a quorum has answered it.
    at(10)
    leader.endTurn()
    deepStrictEqual(said(), [{ answers: 0, ageMs: -1 }])
    strictEqual(recorder.inTouchMs, Number.NEGATIVE_INFINITY)
    at(13)
    answers()
    deepStrictEqual(said(), [{ answers: 1, ageMs: 3 }])
    strictEqual(recorder.inTouchMs, 10)
    // Not so with heartbeats, or they would chase one another.
    answers()
    deepStrictEqual(said(), [])
    at(60)
    leader.tick()
    deepStrictEqual(said(), [{ answers: 2, ageMs: 47 }])
    // A Java learner hears nothing of it.
    bench.joinsAsJava(1)
    recorder.taken()
    leader.endTurn()
    deepStrictEqual(said(), [{ answers: 2, ageMs: 47 }, null])
  })

  test('tells its session manager of learners that come, tell all, and go', () => {
    const bench = new Bench()
    const told = (): string[] => bench.recorder.toSessions.splice(0)
    // Before UPTODATE it has no clients, and its end would not be told.
    bench.leader.packet(2, packet(PacketType.ping, z('5.0'), new Uint8Array(24)))
    deepStrictEqual(told(), [])
    bench.leader.packet(2, packet(PacketType.ack, z('5.0')))
    deepStrictEqual(told(), ['2: 12 bytes'])
    bench.leader.packet(2, packet(PacketType.ping, z('5.0'), new Uint8Array(24)))
    bench.leader.packet(2, packet(PacketType.ping, z('5.0'), new Uint8Array(0)))
    deepStrictEqual(told(), ['2: 24 bytes'])
    bench.leader.linkClosed(2)
    deepStrictEqual(told(), ['2: lost'])
  })

  test('tells of all its learners that they are gone when it leads no more', () => {
    const bench = new Bench().established()
    bench.recorder.toSessions.splice(0)
    bench.leader.stop()
    deepStrictEqual(bench.recorder.toSessions, ['2: lost'])
  })

  test('waits another initLimit for its quorum whenever a synchronization goes on', () => {
    const bench = new Bench()
    bench.recorder.clock.nowMs = INIT_MS - 1
    bench.leader.progress(2)
    strictEqual(bench.says('give up: no quorum for synchronization'), INIT_MS)
    const idle = new Bench()
    strictEqual(idle.says('give up: no quorum for synchronization'), INIT_MS)
  })
})

test('clients are not read from between the end of a role and the word that the tree has let them go', () => {
  const bench = ZabBench.leading()
  const { zab } = bench
  zab.linkClosed(1)
  bench.recorder.clock.nowMs += 1000
  while (zab.role === 'leading') zab.tick()
  strictEqual(bench.inTouchMs, Number.NEGATIVE_INFINITY)
  zab.fenced()
  strictEqual(bench.inTouchMs, Number.NEGATIVE_INFINITY)
  zab.fenced()
  strictEqual(bench.inTouchMs, Number.POSITIVE_INFINITY)
})
