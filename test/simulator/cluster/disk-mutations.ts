// Members broken on purpose in what they do with their disks.

import type { Files } from '../../../actors/log/files.ts'
import { Unfinished } from '../../../actors/log/unfinished.ts'
import { passedOn } from '../../support/passed-on.ts'
import type { SimulatedDisk } from '../disk.ts'
import { unsynced } from '../mutations.ts'
import { patched } from '../patch.ts'
import type { ClusterMutation } from './mutations.ts'

export const DISK_MUTATIONS: readonly ClusterMutation[] = [
  {
    name: 'a proposal is acknowledged before it is synced',
    caughtAs:
      /where .* was committed|elsewhere|is no transaction log|damaged|epoch|snapshot|unfinished/,
    tampering: { files: unsynced },
  },
  {
    name: '1653: acceptedEpoch is lost in a crash, currentEpoch is not',
    caughtAs: /epoch/i,
    tampering: { files: forgettingPromises },
  },
  {
    name: 'a snapshot from the leader replaces the history file by file',
    caughtAs: /where .* was committed|elsewhere|damaged|missing|hole|snapshot|refuse/i,
    patch: () => patched(Unfinished.prototype, 'begin', () => () => undefined),
  },
]

function forgettingPromises(disk: SimulatedDisk): Files {
  return {
    ...passedOn(disk),
    rename: (folder, from, to) => {
      if (to === 'acceptedEpoch' && disk.list(folder).includes(to)) disk.remove(folder, from)
      else disk.rename(folder, from, to)
    },
  }
}
