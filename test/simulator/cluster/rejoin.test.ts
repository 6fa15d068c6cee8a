// Three servers, one of which has lost what it acknowledged together with the second, while the third
// lagged: those that are left must not make a history of their own.

import { ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { DAMAGED_NAME } from '../../../actors/log/files/damaged-note.ts'
import { logName } from '../../../actors/log/files/file-names.ts'
import { readMark } from '../../../actors/log/files/synced-mark.ts'
import { Dice } from '../world/dice.ts'
import { EventLog } from '../world/event-log.ts'
import { ClusterClient } from './client.ts'
import { Cluster } from './cluster.ts'
import { type ClusterOptions, plainClusterOptionsOf } from './options.ts'
import { UNTAMPERED } from './plants/tampering.ts'

const CLIENTS = 2
const DAMAGED = 1
const LAGGING = 2
const HEALTHY = 3

class Story {
  readonly cluster: Cluster
  readonly #clients: ClusterClient[]
  readonly #dice = new Dice(1)

  constructor() {
    const options = threeServers()
    const events = new EventLog(false)
    this.cluster = new Cluster(options, this.#dice.fork(), events, UNTAMPERED)
    const { agenda, history } = this.cluster
    this.#clients = Array.from({ length: CLIENTS }, (_, index) => {
      return new ClusterClient(index, options, agenda, history, events, this.#dice.fork())
    })
    for (const client of this.#clients) this.#actLater(client)
  }

  runFor(ms: number): void {
    this.cluster.runUntil(this.cluster.agenda.nowMs + ms)
  }

  /** These run, the others do not. */
  only(...ids: number[]): void {
    this.cluster.hold(this.cluster.ids.filter((id) => !ids.includes(id)))
    for (const id of this.cluster.ids) {
      if (!ids.includes(id)) this.cluster.kill(id, 'kill')
      else this.cluster.startWithin(id, 10)
    }
  }

  servedBy(...ids: number[]): void {
    const { agenda } = this.cluster
    const endMs = agenda.nowMs + 60_000
    while (!this.cluster.isServedBy(ids) && agenda.nowMs < endMs) this.runFor(20)
    ok(this.cluster.isServedBy(ids), this.cluster.describe())
  }

  #actLater(client: ClusterClient): void {
    const { agenda } = this.cluster
    agenda.after(1 + this.#dice.below(client.paceMs), () => {
      client.act(this.cluster.alive)
      this.#actLater(client)
    })
  }
}

describe('a member that has lost what it acknowledged', () => {
  it('does not elect one that lags, nor truncates the one that has it', () => {
    const story = new Story()
    const { cluster } = story
    strictEqual(cluster.ids.length, 3)
    story.only(DAMAGED, LAGGING, HEALTHY)
    story.servedBy(DAMAGED, LAGGING, HEALTHY)
    story.runFor(500)
    story.only(DAMAGED, HEALTHY)
    story.servedBy(DAMAGED, HEALTHY)
    const before = cluster.history.length
    story.runFor(1000)
    const held = cluster.history.length
    ok(held > before + 10, `${held - before} writes that one lacks`)
    story.only()
    flipLastByte(cluster, DAMAGED)
    story.only(DAMAGED, LAGGING)
    story.runFor(30_000)
    strictEqual(cluster.alive.length, 2)
    strictEqual(cluster.alive.filter((member) => cluster.history.serves(member)).length, 0)
    // The history's judge sees to it that nothing of it is lost.
    story.only(DAMAGED, LAGGING, HEALTHY)
    story.servedBy(DAMAGED, LAGGING, HEALTHY)
    ok(cluster.history.length >= held)
    ok(!cluster.disk(DAMAGED).contents('log').has(DAMAGED_NAME))
  })

  it('waits over any number of restarts, and for a healthy quorum alone', () => {
    const story = new Story()
    const { cluster } = story
    story.only(DAMAGED, LAGGING, HEALTHY)
    story.servedBy(DAMAGED, LAGGING, HEALTHY)
    story.runFor(500)
    story.only()
    flipLastByte(cluster, DAMAGED)
    for (let i = 0; i < 5; i++) {
      story.only(DAMAGED, HEALTHY)
      story.runFor(3000)
      strictEqual(cluster.alive.filter((member) => cluster.history.serves(member)).length, 0)
      story.only()
    }
    story.only(LAGGING, HEALTHY)
    story.servedBy(LAGGING, HEALTHY)
    story.only(DAMAGED, LAGGING, HEALTHY)
    story.servedBy(DAMAGED, LAGGING, HEALTHY)
    story.only(DAMAGED, LAGGING)
    story.servedBy(DAMAGED, LAGGING)
  })
})

/** Of the first seed that has three, one log file, and clients that do not pause. */
function threeServers(): ClusterOptions {
  for (let seed = 0; ; seed++) {
    const options = plainClusterOptionsOf(seed)
    const { members, server, rhythm } = options
    const isOneFile = server.txnLogSizeLimitBytes < 0 && server.snapSizeLimitBytes < 0
    if (members.size !== 3 || !isOneFile || server.snapCount < 10_000) continue
    if (rhythm.pauseMs === 0) return { ...options, delayMsMax: 5, latencyMsMax: 1 }
  }
}

function flipLastByte(cluster: Cluster, id: number): void {
  const disk = cluster.disk(id)
  const { zxid, offset } = readMark(disk).ends.at(-1)!
  const bytes = disk.contents('log').get(logName(zxid))!
  bytes[offset - 20]! ^= 1
  disk.put('log', logName(zxid), bytes)
}
