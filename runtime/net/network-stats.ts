// What the network loop counts for `srvr`, `stat` and `mntr`.

import type { Meter } from '../../actors/actor.ts'
import type { Traffic } from '../top/traffic.ts'
import type { ClientConnection } from './client-connection.ts'

/** Milliseconds from a request to its reply. */
export interface LatencyMeters {
  readonly read: Meter
  readonly update: Meter
}

const UNMETERED: Meter = { observe: () => undefined }

export class NetworkStats {
  /** A reply that took longer is told of, by these milliseconds. */
  slowMs: number = Number.POSITIVE_INFINITY
  /** Called with a connection that got such a reply. */
  onSlow: (connection: ClientConnection) => void = () => undefined
  /** Called with a connection that has gone. */
  onGone: (connection: ClientConnection) => void = () => undefined
  /** What clients ask for, by path; null: nobody wants to know. */
  traffic: Traffic | null = null
  /** Whoever reads them sets them. */
  latency: LatencyMeters = { read: UNMETERED, update: UNMETERED }
  packetsReceived = 0
  packetsSent = 0
  connectionsRejected = 0
  connectionsDropped = 0
  sessionlessExpired = 0
  /** Of TLS. */
  unsuccessfulHandshakes = 0
  /** Of these, srst resets none. */
  requests = 0
  bytesReceived = 0
  responseBytes = 0
  watchBytes = 0
  connectionRequests = 0
  connectionRevalidations = 0
  minLatencyMs: number = Number.POSITIVE_INFINITY
  maxLatencyMs = 0
  totalLatencyMs = 0
  latencyCount = 0
  /** Bytes of replies to clients: last, smallest, largest; -1 before the first. */
  lastResponseBytes = -1
  minResponseBytes = -1
  maxResponseBytes = -1
  /** The last replies, which have waited equally long: what a client sent at once is mostly answered
   * at once. They are not counted yet. */
  #run = 0
  #runMs = 0
  #runIsUpdate = false

  onReply(connection: ClientConnection, bytes: number): void {
    const { lastExactMs, lastIsUpdate } = connection
    if (lastExactMs !== this.#runMs || lastIsUpdate !== this.#runIsUpdate) {
      this.settle()
      this.#runMs = lastExactMs
      this.#runIsUpdate = lastIsUpdate
    }
    this.#run++
    this.onResponse(bytes)
    const { sampled } = connection
    if (sampled !== null && --sampled.left === 0) {
      this.traffic?.replied(sampled, bytes)
      connection.sampled = null
    }
    if (lastExactMs >= this.slowMs) this.onSlow(connection)
  }

  /** Counts the latencies of all replies so far. Call it before they are read, at the end of each
   * turn. */
  settle(): void {
    if (this.#run === 0) return
    const { read, update } = this.latency
    const meter = this.#runIsUpdate ? update : read
    meter.observe(this.#runMs, this.#run)
    this.onLatency(Math.round(this.#runMs), this.#run)
    this.#run = 0
  }

  onEvent(bytes: number): void {
    this.watchBytes += bytes
    this.onResponse(bytes)
  }

  /** So many replies have waited for `ms`. */
  onLatency(ms: number, replies: number = 1): void {
    this.minLatencyMs = Math.min(this.minLatencyMs, ms)
    this.maxLatencyMs = Math.max(this.maxLatencyMs, ms)
    this.totalLatencyMs += ms * replies
    this.latencyCount += replies
  }

  onResponse(bytes: number): void {
    this.packetsSent++
    this.responseBytes += bytes
    this.lastResponseBytes = bytes
    if (this.minResponseBytes === -1 || bytes < this.minResponseBytes) this.minResponseBytes = bytes
    if (bytes > this.maxResponseBytes) this.maxResponseBytes = bytes
  }

  get averageLatencyMs(): number {
    return this.latencyCount === 0 ? 0 : this.totalLatencyMs / this.latencyCount
  }

  /** srst */
  reset(): void {
    this.packetsReceived = 0
    this.packetsSent = 0
    this.minLatencyMs = Number.POSITIVE_INFINITY
    this.maxLatencyMs = 0
    this.totalLatencyMs = 0
    this.latencyCount = 0
    this.lastResponseBytes = -1
    this.minResponseBytes = -1
    this.maxResponseBytes = -1
  }
}
