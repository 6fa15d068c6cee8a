// The host of zab in a standalone server.

import { Standalone } from '../../actors/zab/standalone.ts'
import type { ServerOptions } from '../../config/options.ts'
import { LogSender } from '../edges/log-edge.ts'
import { TreeSender } from '../edges/tree-edge.ts'
import { STANDALONE } from '../edges/zab-edge.ts'
import type { FrameView } from '../ring/ring.ts'
import { ActorHost } from '../thread/actor-host.ts'
import { inboxOf, outboxOf, turnCountersOf, type Wiring } from '../topology.ts'
import type { Environment } from './environment.ts'

export function standaloneHost(
  _options: ServerOptions,
  wiring: Wiring,
  env: Environment,
): ActorHost {
  const toLog = outboxOf(wiring, 'zab>log')
  const toTree = outboxOf(wiring, 'zab>tree')
  const zab = new Standalone({ log: new LogSender(toLog), tree: new TreeSender(toTree) })
  const inlets = (['log>zab', 'tree>zab'] as const).map((edge) => ({
    inbox: inboxOf(wiring, edge),
    deliver: (frame: FrameView) => STANDALONE.deliver(frame, zab),
  }))
  return new ActorHost(zab, env.clock, inlets, [toLog, toTree], null, turnCountersOf(wiring, 'zab'))
}
