// Members broken on purpose in what they do with their disks.
//
// Of ZooKeeper's issues about disks, the others are planted elsewhere, or have nowhere to be:
//
//   3127, 3144         a server on its own, ../mutations.ts
//   4882, 1069         the log by itself, test/actors/log/planted.test.ts: a hole is noticed
//   2623               test/actors/tree/reads.test.ts: `check` outside of a multi is never a transaction
//   3644               test/actors/log/recovery.test.ts: what is trusted to be whole is replayed

import { ORIGIN_NAME } from '../../../../actors/log/files/file-names.ts'
import type { Files } from '../../../../actors/log/files/files.ts'
import { LogWriter } from '../../../../actors/log/files/log-writer.ts'
import { MARK_NAME } from '../../../../actors/log/files/synced-mark.ts'
import { Unfinished } from '../../../../actors/log/files/unfinished.ts'
import { AclCache } from '../../../../actors/tree/store/acl-cache.ts'
import { Zab } from '../../../../actors/zab/zab.ts'
import { passedOn } from '../../../support/passed-on.ts'
import { unsynced } from '../../plants/mutations.ts'
import { patched } from '../../plants/patch.ts'
import type { SimulatedDisk } from '../../world/disk.ts'
import type { ClusterMutation } from './mutations.ts'

const FULL_AFTER = 20
/** What was acknowledged is not there. */
const LOST =
  /where .* was committed|elsewhere|answered at .*, .* was known|refused by .*, and it is alive|outlives/

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
  {
    name: '3701: a full disk takes no more of the log, and its server goes on',
    caughtAs: new RegExp(`${LOST.source}|never so that (all members serve|a quorum serves)`),
    patch: fullForGood,
  },
  {
    name: '2325: what is left without its snapshots is taken for everything',
    caughtAs: LOST,
    from: 95,
    tampering: { files: trusting },
  },
  {
    name: '3306: a tree is sent without one of its access lists',
    caughtAs: /unknown access list/,
    patch: () =>
      patched(AclCache.prototype, 'entries', (original) => {
        return function (this: AclCache) {
          return original.call(this).slice(1)
        }
      }),
  },
  {
    name: '4689: nodes of a tree that is sent have the access list of another',
    caughtAs: /access|acl|perms|refused|expected|answer to/i,
    patch: () =>
      patched(AclCache.prototype, 'entries', (original) => {
        return function (this: AclCache) {
          const entries = original.call(this)
          return entries.map(({ id }, i) => ({ id, acls: entries.at(i - 1)!.acls }))
        }
      }),
  },
  {
    name: 'an end of the log that was synced is cut off as a torn one',
    caughtAs: LOST,
    options: { damageMs: 400, hostilePeerMs: 0 },
    tampering: { files: withoutMark },
  },
  {
    name: 'a member that has lost its history votes, and is counted',
    caughtAs: LOST,
    from: 40,
    patch: () => patched(Zab.prototype, 'damaged', () => () => undefined),
  },
]

/** After so many batches of a process its disk is full, and every write is taken for done. */
function fullForGood(): () => void {
  const batches: WeakMap<LogWriter, number> = new WeakMap()
  return patched(LogWriter.prototype, 'write', (original) => {
    return function (this: LogWriter, ...args) {
      const count = (batches.get(this) ?? 0) + 1
      batches.set(this, count)
      if (count < FULL_AFTER) original.apply(this, args)
    }
  })
}

/** The history begins with whatever log is there first, and nothing says that there was more. */
function trusting(disk: SimulatedDisk): Files {
  const files = withoutMark(disk)
  return {
    ...files,
    list: (folder) => {
      const names = files.list(folder)
      return folder === 'snapshot' || names.includes(ORIGIN_NAME) ? names : [ORIGIN_NAME, ...names]
    },
    open: (folder, name, mode) => {
      const isMade = folder === 'log' && name === ORIGIN_NAME
      return disk.open(folder, name, isMade ? 'write' : mode)
    },
    remove: (folder, name) => {
      if (disk.list(folder).includes(name)) disk.remove(folder, name)
    },
  }
}

/** Nothing is known of what was synced: a damaged end is a torn one, as for ZooKeeper. */
function withoutMark(disk: SimulatedDisk): Files {
  return {
    ...passedOn(disk),
    list: (folder) => disk.list(folder).filter((name) => name !== MARK_NAME),
  }
}

function forgettingPromises(disk: SimulatedDisk): Files {
  return {
    ...passedOn(disk),
    rename: (folder, from, to) => {
      if (to === 'acceptedEpoch' && disk.list(folder).includes(to)) disk.remove(folder, from)
      else disk.rename(folder, from, to)
    },
  }
}
