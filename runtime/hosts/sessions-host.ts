// The host of sessions.

import { Sessions } from '../../actors/sessions/sessions.ts'
import type { ServerOptions } from '../../config/options.ts'
import { SESSIONS } from '../edges/sessions-edge.ts'
import { TreeSender } from '../edges/tree-edge.ts'
import { ZabSender } from '../edges/zab-edge.ts'
import { sessionPasswords } from '../process/session-passwords.ts'
import type { FrameView } from '../ring/ring.ts'
import { ActorHost } from '../thread/actor-host.ts'
import { inboxOf, outboxOf, turnCountersOf, type Wiring } from '../topology.ts'
import type { Environment } from './environment.ts'

/** The most sessions that may be proposed and not yet open. */
const PENDING_SESSIONS_MAX = 8192
/** The network loop gives a sign of life every 100 ms. */
const STALL_MS = 500
/** How often a learner reports which sessions it has heard. The shortest timeout is two ticks. */
const REPORTS_A_TICK = 8

export function sessionsHost(options: ServerOptions, wiring: Wiring, env: Environment): ActorHost {
  const toTree = outboxOf(wiring, 'sessions>tree')
  const toZab = outboxOf(wiring, 'sessions>zab')
  const { gauges } = env
  const sessions = new Sessions(
    {
      serverId: options.serverId,
      tickTimeMs: options.tickTimeMs,
      minSessionTimeoutMs: options.minSessionTimeoutMs,
      maxSessionTimeoutMs: options.maxSessionTimeoutMs,
      startWallMs: env.clock.wallMs,
      passwordOf: sessionPasswords(options.sessionSecret),
      pendingMax: PENDING_SESSIONS_MAX,
      stallMs: STALL_MS,
      reportMs: Math.max(1, options.tickTimeMs / REPORTS_A_TICK),
    },
    env.clock,
    { tree: new TreeSender(toTree), zab: new ZabSender(toZab), journal: env.logHooks() },
    env.heard,
    {
      sessions: gauges.gauge('sessions'),
      pending: gauges.gauge('pendingSessions'),
      expired: gauges.gauge('expiredSessions'),
      stalledMs: gauges.gauge('stalledMs'),
    },
  )
  const edges = ['tree>sessions', 'network>sessions', 'zab>sessions'] as const
  const inlets = edges.map((edge) => ({
    inbox: inboxOf(wiring, edge),
    deliver: (frame: FrameView) => SESSIONS.deliver(frame, sessions),
  }))
  return new ActorHost(
    sessions,
    env.clock,
    inlets,
    [toTree, toZab],
    null,
    turnCountersOf(wiring, 'sessions'),
  )
}
