// Preloaded into every thread of a server (`--import`): switches its meters and samples on and off,
// PHASE_MS each, and notes what the process costs in each phase. On and off share one process, its
// compiled code and its minute, so a difference of a percent shows on a machine that has other work.
//
// SIGUSR2 begins anew, and writes the phases so far into the file that the `to` of the URL names.

import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { NetworkStats } from '../../runtime/net/network-stats.ts'
import { SystemClock } from '../../runtime/shared/clock.ts'
import { MeterWriter } from '../../runtime/shared/meter.ts'
import { Traffic } from '../../runtime/top/traffic.ts'
import { isOnAt, nextPhaseMs, type Phase } from './phases.ts'

const PHASES_MAX = 10_000

let isOn = true
let nextMs = 0
let stats: NetworkStats | null = null
let phases: Phase[] = []
let since: Omit<Phase, 'isOn'> | null = null

function phaseEnds(nowMs: number): void {
  if (isMainThread && stats !== null) {
    const { user, system } = process.cpuUsage()
    const now = { cpuUs: user + system, replies: stats.packetsSent }
    if (since !== null && phases.length < PHASES_MAX) {
      const { cpuUs, replies } = since
      phases.push({ isOn, cpuUs: now.cpuUs - cpuUs, replies: now.replies - replies })
    }
    since = now
  }
  isOn = isOnAt(nowMs)
  nextMs = nextPhaseMs(nowMs)
}

const { advance } = SystemClock.prototype
SystemClock.prototype.advance = function advanced(): void {
  advance.call(this)
  if (this.nowMs >= nextMs) phaseEnds(this.nowMs)
}
const { settle } = NetworkStats.prototype
NetworkStats.prototype.settle = function settled(): void {
  stats = this
  settle.call(this)
}
const { observe } = MeterWriter.prototype
MeterWriter.prototype.observe = function observed(value, times): void {
  if (isOn) observe.call(this, value, times)
}
const { sample, heartbeat } = Traffic.prototype
Traffic.prototype.sample = function sampled(...request): void {
  if (isOn) sample.apply(this, request)
  else this.left = Number.MAX_SAFE_INTEGER
}
Traffic.prototype.heartbeat = function beaten(nowMs): void {
  // The step stays what it was when the meters are on again.
  if (isOn && this.left < 1e6) heartbeat.call(this, nowMs)
  else if (isOn) this.left = 1
}

const to = new URL(import.meta.url).searchParams.get('to')
if (isMainThread && to !== null) {
  process.on('SIGUSR2', () => {
    writeFileSync(to, JSON.stringify(phases))
    phases = []
    since = null
  })
}
