// Puts together an actor, its neighbours behind rings, and its host. Worker threads and simulator
// use it alike; what differs between them comes in as the environment.

import type { ServerOptions } from '../../config/options.ts'
import type { ActorHost } from '../thread/actor-host.ts'
import type { ActorName, Wiring } from '../topology.ts'
import type { Environment } from './environment.ts'

export type HostBuilder = (options: ServerOptions, wiring: Wiring, env: Environment) => ActorHost

/** A thread loads only what its own actor needs. Each module costs half a millisecond of the start,
 * and memory for good. */
export async function hostBuilder(name: ActorName, isMember: boolean): Promise<HostBuilder> {
  switch (name) {
    case 'tree':
      return (await import('./tree-host.ts')).treeHost
    case 'zab':
      return isMember
        ? (await import('./zab-host.ts')).zabHost
        : (await import('./standalone-host.ts')).standaloneHost
    case 'election':
      return (await import('./election-host.ts')).electionHost
    case 'log':
      return (await import('./log-host.ts')).logHost
    case 'sessions':
      return (await import('./sessions-host.ts')).sessionsHost
    case 'watches':
      return (await import('./watches-host.ts')).watchesHost
  }
}
