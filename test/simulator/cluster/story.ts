// Three servers and two clients, to whom nothing happens but what a test has in mind.

import { ok } from 'node:assert'
import { Dice } from '../world/dice.ts'
import { EventLog } from '../world/event-log.ts'
import { ClusterClient } from './client.ts'
import { Cluster } from './cluster.ts'
import { type ClusterOptions, plainClusterOptionsOf } from './options.ts'
import { UNTAMPERED } from './plants/tampering.ts'

const CLIENTS = 2

export class Story {
  readonly cluster: Cluster
  readonly #clients: ClusterClient[]
  readonly #dice = new Dice(1)

  constructor(options: ClusterOptions = threeServers()) {
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

  /** Clients write no more. */
  rest(): void {
    for (const client of this.#clients) client.rest()
  }

  #actLater(client: ClusterClient): void {
    const { agenda } = this.cluster
    agenda.after(1 + this.#dice.below(client.paceMs), () => {
      client.act(this.cluster.alive)
      this.#actLater(client)
    })
  }
}

/** Of the first seed that has three, one log file, and clients that do not pause. */
export function threeServers(): ClusterOptions {
  for (let seed = 0; ; seed++) {
    const options = plainClusterOptionsOf(seed)
    const { members, server, rhythm } = options
    const isOneFile = server.txnLogSizeLimitBytes < 0 && server.snapSizeLimitBytes < 0
    if (members.size !== 3 || !isOneFile || server.snapCount < 10_000) continue
    if (rhythm.pauseMs === 0) return { ...options, delayMsMax: 5, latencyMsMax: 1 }
  }
}
