// Two servers whose files are damaged where only a third needs them, which has lagged. They serve on, and
// do not notice until they read for it. It must come back all the same, though nothing else is written.

import { ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { logBehind, logsOf } from '../../../actors/log/files/entry-reader.ts'
import { sortedSnapshots } from '../../../actors/log/files/file-names.ts'
import type { ServerOptions } from '../../../config/options.ts'
import { epochOf, type Zxid } from '../../../protocol/zxid.ts'
import type { SimulatedDisk } from '../world/disk.ts'
import type { ClusterOptions } from './options.ts'
import { Story, threeServers } from './story.ts'

const LAGGING = 2
const OTHERS = [1, 3]
const HUGE = 2 ** 30

interface Case {
  readonly what: string
  /** Whether it is sent the tree, or else what the log holds. */
  readonly bySnapshot: boolean
  /** Harms what follows `lagging`. */
  harm(disk: SimulatedDisk, lagging: Zxid): void
}

const CASES: readonly Case[] = [
  {
    what: 'an entry',
    bySnapshot: false,
    harm: (disk, lagging) => changeLog(disk, lagging, (bytes) => bytes.fill(0x55, -40, -20)),
  },
  {
    what: 'the end of a file, which is blank',
    bySnapshot: false,
    harm: (disk, lagging) => changeLog(disk, lagging, (bytes) => bytes.fill(0, -40)),
  },
  {
    what: 'a file, which is gone',
    bySnapshot: false,
    harm: (disk, lagging) => disk.remove('log', logAfter(disk, lagging)),
  },
  {
    what: 'the last file of an epoch, which is gone',
    bySnapshot: false,
    harm: (disk, lagging) => {
      const logs = logsOf(disk)
      const last = logs.findLast(({ zxid }) => epochOf(zxid) === epochOf(lagging))!
      ok(last.name !== logs.at(-1)!.name && last.zxid > lagging)
      disk.remove('log', last.name)
    },
  },
  {
    what: 'the newest snapshot',
    bySnapshot: true,
    harm: (disk) => {
      const [newest] = sortedSnapshots(disk.list('snapshot'))
      const bytes = disk.contents('snapshot').get(newest!.name)!
      bytes[bytes.length >> 1]! ^= 1
      disk.put('snapshot', newest!.name, bytes)
    },
  },
]

describe('a member that lags, and whose leader cannot read what it lacks', () => {
  for (const { what, bySnapshot, harm } of CASES) {
    it(`comes back if that is ${what}`, () => {
      const story = new Story(optionsFor(bySnapshot))
      const { cluster } = story
      story.only(LAGGING, ...OTHERS)
      story.servedBy(LAGGING, ...OTHERS)
      story.runFor(500)
      const lagging = cluster.member(LAGGING)!.tree.lastZxid
      for (let epoch = 0; epoch < 2; epoch++) {
        story.only(...OTHERS)
        story.servedBy(...OTHERS)
        story.runFor(3000)
        // The next epoch.
        const leader = cluster.alive.find((member) => cluster.history.leads(member))!
        if (epoch === 0) cluster.kill(leader.id, 'kill')
      }
      story.rest()
      story.runFor(1000)
      for (const id of OTHERS) {
        const disk = cluster.disk(id)
        ok(
          sortedSnapshots(disk.list('snapshot')).some(
            ({ zxid }) => epochOf(zxid) > epochOf(lagging),
          ),
        )
        harm(disk, lagging)
      }
      story.only(LAGGING, ...OTHERS)
      story.servedBy(LAGGING, ...OTHERS)
      strictEqual(cluster.member(LAGGING)!.tree.lastZxid, cluster.history.model.last)
    })
  }
})

/** Small logs, no more than the mark knows; some snapshots; nothing purged, and next to nothing in memory. */
function optionsFor(bySnapshot: boolean): ClusterOptions {
  const options = threeServers()
  const server: Partial<ServerOptions> = {
    ...{ txnLogSizeLimitBytes: 8000, snapCount: 80, preAllocSizeBytes: 0, purge: false },
  }
  const near = bySnapshot ? -1 : HUGE
  const members = new Map(
    [...options.members].map(([id, member]) => {
      const ensemble = { ...member.ensemble!, commitLogCount: 1, snapshotSizeFactor: near }
      return [id, { ...member, ...server, ensemble }]
    }),
  )
  const feeding = { ...options.feeding, nearBytesMax: Math.max(0, near), heldBytesMax: HUGE }
  return { ...options, server: { ...options.server, ...server }, members, feeding }
}

function logAfter(disk: SimulatedDisk, zxid: Zxid): string {
  const logs = logsOf(disk)
  const { name } = logBehind(logs, zxid)!
  ok(name !== logs.at(-1)!.name)
  return name
}

function changeLog(disk: SimulatedDisk, lagging: Zxid, change: (bytes: Uint8Array) => void): void {
  const name = logAfter(disk, lagging)
  const bytes = disk.contents('log').get(name)!
  change(bytes)
  disk.put('log', name, bytes)
}
