// What the network loop counts for `srvr`, `stat` and `mntr`.

export class NetworkStats {
  packetsReceived = 0
  packetsSent = 0
  connectionsRejected = 0
  connectionsDropped = 0
  sessionlessExpired = 0
  /** Of TLS. */
  unsuccessfulHandshakes = 0
  minLatencyMs: number = Number.POSITIVE_INFINITY
  maxLatencyMs = 0
  totalLatencyMs = 0
  latencyCount = 0
  /** Bytes of replies to clients: last, smallest, largest; -1 before the first. */
  lastResponseBytes = -1
  minResponseBytes = -1
  maxResponseBytes = -1

  onLatency(ms: number): void {
    this.minLatencyMs = Math.min(this.minLatencyMs, ms)
    this.maxLatencyMs = Math.max(this.maxLatencyMs, ms)
    this.totalLatencyMs += ms
    this.latencyCount++
  }

  onResponse(bytes: number): void {
    this.packetsSent++
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
