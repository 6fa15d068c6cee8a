// Members broken on purpose in what they do with their disks.

import type { Files } from '../../../actors/log/files.ts'
import { Log } from '../../../actors/log/log.ts'
import { Unfinished } from '../../../actors/log/unfinished.ts'
import type { SimulatedDisk } from '../disk.ts'
import { unsynced } from '../mutations.ts'
import { patched } from '../patch.ts'
import type { ClusterMutation } from './mutations.ts'

/** Turns for which the log is left behind. */
const HELD_TURNS = 40

export const DISK_MUTATIONS: readonly ClusterMutation[] = [
  {
    name: 'a proposal is acknowledged before it is synced',
    caughtAs: /where .* was committed|elsewhere|is no transaction log|damaged|epoch|snapshot/,
    tampering: { files: unsynced },
  },
  {
    name: 'TRUNC keeps a newer snapshot',
    caughtAs: /where .* was committed|elsewhere|damaged|ends before|something else|told up to|hole/,
    tampering: { files: keepingSnapshots },
  },
  {
    name: '4643: the epoch is on disk before the history it closes',
    caughtAs: /where .* was committed|elsewhere|is committed after/,
    patch: epochFirst,
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

function keepingSnapshots(disk: SimulatedDisk): Files {
  return {
    ...plain(disk),
    remove: (folder, name) => {
      if (folder !== 'snapshot' || !name.startsWith('snapshot.')) disk.remove(folder, name)
    },
  }
}

function forgettingPromises(disk: SimulatedDisk): Files {
  return {
    ...plain(disk),
    rename: (folder, from, to) => {
      if (to === 'acceptedEpoch' && disk.list(folder).includes(to)) disk.remove(folder, from)
      else disk.rename(folder, from, to)
    },
  }
}

function plain(disk: SimulatedDisk): Files {
  return {
    list: (folder) => disk.list(folder),
    open: (folder, name, mode) => disk.open(folder, name, mode),
    remove: (folder, name) => disk.remove(folder, name),
    rename: (folder, from, to) => disk.rename(folder, from, to),
    syncFolder: (folder) => disk.syncFolder(folder),
    openSnapshot: (name) => disk.openSnapshot(name),
  }
}

/** What is appended waits for some turns; an epoch is saved at once. */
function epochFirst(): () => void {
  const held: WeakMap<Log, (() => void)[]> = new WeakMap()
  const turns: WeakMap<Log, number> = new WeakMap()
  const flush = (log: Log): void => {
    for (const append of held.get(log)?.splice(0) ?? []) append()
    turns.set(log, 0)
  }
  const flushing = (name: 'truncate' | 'install' | 'reload' | 'settle' | 'shutdown') =>
    patched(Log.prototype, name, (original) => {
      return function (this: Log, ...args: unknown[]) {
        flush(this)
        ;(original as (...rest: unknown[]) => void).apply(this, args)
      } as never
    })
  const undo = [
    flushing('truncate'),
    flushing('install'),
    flushing('reload'),
    flushing('settle'),
    flushing('shutdown'),
    patched(Log.prototype, 'append', (original) => {
      return function (this: Log, zxid, bytes, start, end) {
        const copy = bytes.slice(start, end)
        const waiting = held.get(this) ?? []
        held.set(this, waiting)
        waiting.push(() => original.call(this, zxid, copy, 0, copy.length))
      }
    }),
    patched(Log.prototype, 'endTurn', (original) => {
      return function (this: Log) {
        const turn = (turns.get(this) ?? 0) + 1
        turns.set(this, turn)
        if (turn > HELD_TURNS) flush(this)
        return original.call(this) || (held.get(this)?.length ?? 0) > 0
      }
    }),
  ]
  return () => {
    for (const each of undo) each()
  }
}
