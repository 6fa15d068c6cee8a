// The host of election, which owns the sockets for votes.

import { Election } from '../../actors/election/election.ts'
import { Membership } from '../../actors/membership.ts'
import type { ServerOptions } from '../../config/options.ts'
import { assert } from '../../protocol/assert.ts'
import { ELECTION } from '../edges/election-edge.ts'
import { ZabSender } from '../edges/zab-edge.ts'
import type { FrameView } from '../ring/ring.ts'
import { ActorHost } from '../thread/actor-host.ts'
import { inboxOf, outboxOf, turnCountersOf, type Wiring } from '../topology.ts'
import type { Environment } from './environment.ts'

export function electionHost(
  { ensemble, reconfigEnabled }: ServerOptions,
  wiring: Wiring,
  env: Environment,
): ActorHost {
  assert(ensemble !== null, 'a server on its own elects nobody')
  const toZab = outboxOf(wiring, 'election>zab')
  const links = env.peers().electionLinks({
    notified: (from, bytes, start, end) => election.notified(from, bytes, start, end),
    linkUp: (peer) => election.linkUp(peer),
    linkDown: (peer) => election.linkDown(peer),
  })
  const election: Election = new Election(
    {
      serverId: ensemble.serverId,
      membership: new Membership(ensemble.membership),
      reconfigEnabled,
      finalizeWaitMs: ensemble.finalizeWaitMs,
      minNotificationIntervalMs: ensemble.minNotificationIntervalMs,
      maxNotificationIntervalMs: ensemble.maxNotificationIntervalMs,
      silenceMs: ensemble.silenceMs,
      agreedSilenceMs: ensemble.agreedSilenceMs,
    },
    env.clock,
    { links, zab: new ZabSender(toZab), journal: env.logHooks() },
  )
  const inlet = {
    inbox: inboxOf(wiring, 'zab>election'),
    deliver: (frame: FrameView) => ELECTION.deliver(frame, election),
  }
  const sockets = { paused: false, endTurn: () => undefined, shutdown: () => links.close() }
  const counters = turnCountersOf(wiring, 'election')
  return new ActorHost(election, env.clock, [inlet], [toZab], sockets, counters)
}
