// Every number that peers may say (protocol/quorum/ranges.ts), at the ends of its range and beyond:
// somebody says it in the name of the member that is down, to the others and while they elect. When
// he has left they elect without him, and the member that was down joins them.

import { deepStrictEqual, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Notification } from '../../../protocol/quorum/notification.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import * as ranges from '../../../protocol/quorum/ranges.ts'
import { Dice } from '../world/dice.ts'
import { EventLog } from '../world/event-log.ts'
import { ClusterClient } from './client.ts'
import { Cluster } from './cluster.ts'
import {
  electionIntroduction,
  framed,
  INTS,
  intBytes,
  LONGS,
  learnerInfo,
  packetBytes,
  standing,
  voteFrame,
} from './faults/lies.ts'
import { acceptedEpoch, type PeerPort, Stranger } from './faults/stranger.ts'
import { type ClusterOptions, plainClusterOptionsOf } from './options.ts'
import { UNTAMPERED } from './plants/tampering.ts'

/** The highest id: its word counts most, and who has it is not called back. */
const DOWN = 3
const OTHERS = [1, 2]
const LEADER = 2
const SERVED_MS_MAX = 60_000
const STEP_MS = 10
const STAY_MS = 200
const VISITS = 30
const VISIT_EVERY_MS = 4
/** What liars may move an epoch by in all, and what the elections here do by themselves. */
const EPOCHS_MAX = 1000

interface Lie {
  readonly port: PeerPort
  readonly sayings: readonly Uint8Array[]
  /** Said by whoever was elected, not by one who dials. */
  readonly leads?: boolean
  /** The epoch in which they follow him. */
  readonly epoch?: number
}

function asVoter(...frames: readonly Uint8Array[]): Lie {
  return { port: 3888, sayings: [electionIntroduction(BigInt(DOWN)), ...frames] }
}

function vote(changes: Partial<Notification>): Uint8Array {
  const dull = { state: 0, leader: DOWN, zxid: 1n, round: 1n, peerEpoch: 1n, config: '' } as const
  return voteFrame({ ...dull, ...changes })
}

function asLearner(id: bigint, epoch: number, ...more: readonly Uint8Array[]): Lie {
  const type = PacketType.followerInfo
  const first = packetBytes({ type, epoch, data: learnerInfo(id, 50) })
  return { port: 2888, sayings: [first, ...more] }
}

/** One that does not vote and has synchronized says this. */
function asObserver(type: PacketType, data: Uint8Array, epoch: number = 1): Lie {
  const sayings = [
    packetBytes({ type: PacketType.observerInfo, epoch: 0, data: learnerInfo(77n, 50) }),
    packetBytes({ type: PacketType.ackEpoch, epoch: 0, data: intBytes(0) }),
  ]
  // Whichever epoch it is.
  for (let each = 1; each < 100; each++) {
    sayings.push(packetBytes({ type: PacketType.ack, epoch: each }))
  }
  sayings.push(packetBytes({ type, epoch, data }))
  return { port: 2888, sayings }
}

let offered = 0

/** An epoch later than those that the members can have come to by themselves. */
function nextEpoch(): number {
  offered += 10
  return offered
}

function asLeader(epoch: number, info: Uint8Array, ...more: readonly Uint8Array[]): Lie {
  const offer = packetBytes({ type: PacketType.leaderInfo, epoch, data: info })
  return { port: 2888, leads: true, sayings: [offer, ...more] }
}

const VERSION = 0x10000
const BEAT_MS = 50

/** They serve as followers of him when he says it. */
function asFollowed(type: PacketType, data: Uint8Array): Lie {
  const epoch = nextEpoch()
  const inEpoch = [PacketType.diff, PacketType.newLeader, PacketType.upToDate, type]
  const sayings = inEpoch.map((each) => {
    return packetBytes({ type: each, epoch, ...(each === type && { data }) })
  })
  return { ...asLeader(epoch, intBytes(VERSION, BEAT_MS), ...sayings), epoch }
}

/** How each is said. */
const SAID: Readonly<Record<string, (value: number) => readonly Lie[]>> = {
  SERVER_ID: (value) => [
    { port: 3888, sayings: [electionIntroduction(BigInt(value)), vote({ round: 9n })] },
    asVoter(vote({ leader: value })),
    asLearner(BigInt(value), 1),
  ],
  EPOCH: (value) => [asLearner(BigInt(DOWN), value), asLeader(value, intBytes(VERSION))],
  CURRENT_EPOCH: (value) => {
    const data = intBytes(value)
    return [asLearner(BigInt(DOWN), 1, packetBytes({ type: PacketType.ackEpoch, epoch: 1, data }))]
  },
  HEARTBEAT_MS: (value) => [asLeader(nextEpoch(), intBytes(VERSION, value))],
  ANSWERS: (value) => [asFollowed(PacketType.ping, standing(value, 0))],
  STANDING_MS: (value) => [asFollowed(PacketType.ping, standing(0, value))],
  SESSION_TIMEOUT_MS: (value) => [
    asObserver(PacketType.ping, intBytes(0, 5, value)),
    asObserver(PacketType.revalidate, intBytes(0, 5, value)),
    asObserver(PacketType.request, intBytes(0, 0, 1, -10, value)),
    asObserver(PacketType.request, intBytes(-0x8000_0000, 0, 1, -10, value)),
  ],
  ADDRESS_BYTES: (value) => {
    const head = electionIntroduction(BigInt(DOWN)).slice(0, 16)
    const text = new Uint8Array(Math.max(0, Math.min(value, 3000))).fill(0x61)
    return [{ port: 3888, sayings: [head, intBytes(value), text] }]
  },
  VOTE_BYTES: (value) => [asVoter(framed(new Uint8Array(64), value))],
  IDENTITIES: (value) => [
    asLearner(BigInt(DOWN), 1, packetBytes({ type: PacketType.ping, epoch: 0 }).slice(0, 16)),
    asLearner(BigInt(DOWN), 1, intBytes(PacketType.ping, 0, 0, -1, value, 5)),
  ],
  SNAPSHOT_ITEMS: (value) => {
    const snap = packetBytes({ type: PacketType.snap, epoch: 1 })
    return [asLeader(nextEpoch(), intBytes(VERSION), snap, intBytes(value), new Uint8Array(100))]
  },
}

function values({ min, max }: ranges.Range): number[] {
  return [min - 1, min, max, max + 1].map((value) => Math.max(-0x8000_0000, value))
}

/** Nothing goes wrong but what is said. */
function quietOptions(): ClusterOptions {
  for (let seed = 0; ; seed++) {
    const options = plainClusterOptionsOf(seed)
    if (options.members.size === DOWN && options.members.has(DOWN)) {
      return { ...options, latencyMsMax: 0.1, delayMsMax: 1, drift: 0 }
    }
  }
}

class Bench {
  readonly #cluster: Cluster
  readonly #stranger: Stranger
  /** In the place of the member that is down. */
  readonly #impostor: Stranger

  constructor() {
    const events = new EventLog(false)
    const options = quietOptions()
    this.#cluster = new Cluster(options, new Dice(1), events, UNTAMPERED)
    this.#cluster.restartMsMax = 20
    const { agenda, history, wires, ids } = this.#cluster
    const make = (id: number): Stranger => {
      return new Stranger(id, { ids, voters: ids }, agenda, wires, new Dice(2), events)
    }
    this.#stranger = make(999)
    this.#impostor = make(DOWN)
    for (const id of ids) this.#cluster.startWithin(id, 1)
    this.#served(ids)
    // Members that have nothing believe any epoch.
    const client = new ClusterClient(0, options, agenda, history, events, new Dice(3))
    while (history.length === 0) {
      client.act(this.#cluster.alive)
      this.#cluster.runUntil(agenda.nowMs + STEP_MS)
    }
  }

  /** Hears the lie while it serves and while it elects; then elects, and is whole again. */
  hears(lie: Lie): void {
    const { ids, agenda } = this.#cluster
    this.#cluster.hold([DOWN])
    this.#cluster.kill(DOWN, 'kill')
    this.#served(OTHERS)
    if (lie.epoch !== undefined) this.#cluster.history.established(lie.epoch, DOWN)
    const close = lie.leads === true ? this.#impostor.listen(2888, lie.sayings) : () => undefined
    for (const id of OTHERS) this.#lieTo(id, lie)
    this.#cluster.runUntil(agenda.nowMs + STAY_MS)
    this.#cluster.kill(LEADER, 'kill')
    for (let visit = 0; visit < VISITS; visit++) {
      for (const id of OTHERS) this.#lieTo(id, lie)
      this.#cluster.runUntil(agenda.nowMs + VISIT_EVERY_MS)
    }
    close()
    this.#stranger.leave()
    this.#impostor.leave()
    this.#served(OTHERS)
    this.#cluster.hold([])
    this.#cluster.startWithin(DOWN, 1)
    this.#served(ids)
    for (const member of this.#cluster.alive) {
      const accepted = acceptedEpoch(member.disk)
      ok(accepted < EPOCHS_MAX, `s${member.id} has accepted epoch ${accepted}`)
    }
  }

  #lieTo(id: number, lie: Lie): void {
    if (lie.leads !== true) {
      this.#stranger.visit(id, lie.port, lie.sayings, STAY_MS)
      return
    }
    // So that he is the one who is elected.
    const { sayings } = asVoter(vote({ round: 2n ** 40n, zxid: 2n ** 40n, peerEpoch: 100n }))
    this.#stranger.visit(id, 3888, sayings, STAY_MS)
  }

  #served(ids: readonly number[]): void {
    const { agenda } = this.#cluster
    const deadlineMs = agenda.nowMs + SERVED_MS_MAX
    while (!this.#cluster.isServedBy(ids)) {
      this.#cluster.runUntil(agenda.nowMs + STEP_MS)
      ok(agenda.nowMs < deadlineMs, `never served by ${ids}:\n${this.#cluster.describe()}`)
    }
  }
}

describe('whatever number a hostile peer says, the others elect when it has left', () => {
  const all = Object.entries(ranges).filter((entry): entry is [string, ranges.Range] => {
    return typeof entry[1] === 'object'
  })

  it('every range is walked', () => {
    deepStrictEqual(all.map(([name]) => name).sort(), Object.keys(SAID).sort())
  })

  for (const [name, range] of all) {
    it(`${name}: ${range.what}`, () => {
      const bench = new Bench()
      for (const value of values(range)) for (const lie of SAID[name]!(value)) bench.hears(lie)
    })
  }

  for (const field of ['round', 'zxid', 'peerEpoch'] as const) {
    it(`any long as the ${field} of a vote`, () => {
      const bench = new Bench()
      for (const value of LONGS) bench.hears(asVoter(vote({ [field]: value })))
    })
  }

  it('any zxid of any packet', () => {
    const bench = new Bench()
    for (const type of Object.values(PacketType)) {
      const epoch = INTS[type % INTS.length]!
      bench.hears(asLearner(77n, 1, packetBytes({ type, epoch, counter: -1 })))
      bench.hears(
        asLeader(nextEpoch(), intBytes(VERSION), packetBytes({ type, epoch, counter: -1 })),
      )
    }
  })
})
