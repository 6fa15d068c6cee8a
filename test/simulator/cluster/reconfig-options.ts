// What a seed decides about an ensemble that is reconfigured while it runs: seven machines, some of which
// are members at the start. The others wait as servers that follow and do not vote.

import type { ServerOptions } from '../../../config/options.ts'
import type { Member } from '../../../protocol/quorum/membership-config.ts'
import { NO_POINTS } from '../rare/rare-points.ts'
import { Dice } from '../world/dice.ts'
import { type ClusterOptions, plainClusterOptionsOf } from './options.ts'
import { hostOf } from './world/wires.ts'

const MACHINES = 7

export function reconfigOptionsOf(seed: number): ClusterOptions {
  const drawn = plainClusterOptionsOf(seed)
  const dice = new Dice(seed * 2654435761 + 23)
  const machines = dice.pick([4, 5, 5, MACHINES])
  const voters = dice.pick([1, 2, 3, 3, 3])
  const observers = dice.oneIn(4) ? 1 : 0
  const enabled = { reconfigEnabled: true, skipAcl: true }
  const [{ ensemble }] = [...drawn.members.values()] as [ServerOptions]
  const memberOf = (id: number, role: Member['role']): Member => ({
    ...{ id, role },
    addresses: [{ host: hostOf(id), quorumPort: 2888, electionPort: 3888 }],
    ...{ clientHost: null, clientPort: null },
  })
  const first = Array.from({ length: voters + observers }, (_, i) => {
    return memberOf(i + 1, i < voters ? 'participant' : 'observer')
  })
  const groups = new Map<number, number[]>()
  const members = Array.from({ length: machines }, (_, i): [number, ServerOptions] => {
    const serverId = i + 1
    const isFirst = serverId <= first.length
    const own = isFirst ? first[i]! : memberOf(serverId, 'participant')
    const membership = {
      version: 0n,
      members: isFirst ? first : [...first, own],
      groups,
      weights: new Map<number, number>(),
    }
    const options = { ...ensemble!, serverId, peerType: own.role, membership }
    const standaloneEnabled = false
    return [
      serverId,
      { ...drawn.server, ...enabled, serverId, ensemble: { ...options, standaloneEnabled } },
    ]
  })
  return {
    ...drawn,
    ...{ damageMs: 0, hostilePeerMs: 0, hostileClients: 0, readers: 0, rare: NO_POINTS },
    server: { ...drawn.server, ...enabled },
    workload: { ...drawn.workload, acls: false },
    members: new Map(members),
    slowLinks: new Map(),
    reconfigMs: Math.max(30, drawn.rhythm.paceMs / dice.pick([1, 2, 4])),
  }
}
