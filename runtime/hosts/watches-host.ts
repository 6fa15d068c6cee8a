// The host of watches.

import type { Meter } from '../../actors/actor.ts'
import { Watches } from '../../actors/watches/watches.ts'
import type { ServerOptions } from '../../config/options.ts'
import { EventType } from '../../protocol/op-code.ts'
import { WatchFilter } from '../../protocol/watch-filter.ts'
import { NetworkSender } from '../edges/network-edge.ts'
import { WATCHES } from '../edges/watches-edge.ts'
import type { FrameView } from '../ring/ring.ts'
import type { MeterName } from '../shared/meters.ts'
import { ActorHost } from '../thread/actor-host.ts'
import { inboxOf, outboxOf, turnCountersOf, type Wiring } from '../topology.ts'
import type { Environment } from './environment.ts'

/** How many paths one connection may watch: beyond any honest use, and within any server's
 * memory. */
const WATCHES_PER_CONNECTION_MAX = 1_000_000

export function watchesHost(_options: ServerOptions, wiring: Wiring, env: Environment): ActorHost {
  const toNetwork = outboxOf(wiring, 'watches>network')
  const meter = (name: MeterName): Meter => env.meters.meter(name, env.clock)
  const watches = new Watches(
    { headerZxid: 'txn', watchesPerConnectionMax: WATCHES_PER_CONNECTION_MAX },
    new NetworkSender(toNetwork),
    new WatchFilter(wiring.watchFilter),
    {
      watches: env.gauges.gauge('watches'),
      eventsSent: env.gauges.gauge('eventsSent'),
      told: {
        [EventType.nodeCreated]: meter('node_created_watch_count'),
        [EventType.nodeDeleted]: meter('node_deleted_watch_count'),
        [EventType.nodeDataChanged]: meter('node_changed_watch_count'),
        [EventType.nodeChildrenChanged]: meter('node_children_watch_count'),
      },
    },
  )
  const inlet = {
    inbox: inboxOf(wiring, 'tree>watches'),
    deliver: (frame: FrameView) => WATCHES.deliver(frame, watches),
  }
  return new ActorHost(
    watches,
    env.clock,
    [inlet],
    [toNetwork],
    null,
    turnCountersOf(wiring, 'watches'),
  )
}
