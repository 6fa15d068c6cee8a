// Three servers, one of which has lost what it acknowledged together with the second, while the third
// lagged: those that are left must not make a history of their own.

import { ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { DAMAGED_NAME } from '../../../actors/log/files/damaged-note.ts'
import { logName } from '../../../actors/log/files/file-names.ts'
import { readMark } from '../../../actors/log/files/synced-mark.ts'
import type { Cluster } from './cluster.ts'
import { Story } from './story.ts'

const DAMAGED = 1
const LAGGING = 2
const HEALTHY = 3

describe('a member that has lost what it acknowledged', () => {
  it('does not elect one that lags, nor truncates the one that has it', () => {
    const story = new Story()
    const { cluster } = story
    strictEqual(cluster.ids.length, 3)
    story.only(DAMAGED, LAGGING, HEALTHY)
    story.servedBy(DAMAGED, LAGGING, HEALTHY)
    story.runFor(500)
    story.only(DAMAGED, HEALTHY)
    story.servedBy(DAMAGED, HEALTHY)
    const before = cluster.history.length
    story.runFor(1000)
    const held = cluster.history.length
    ok(held > before + 10, `${held - before} writes that one lacks`)
    story.only()
    flipLastByte(cluster, DAMAGED)
    story.only(DAMAGED, LAGGING)
    story.runFor(30_000)
    strictEqual(cluster.alive.length, 2)
    strictEqual(cluster.alive.filter((member) => cluster.history.serves(member)).length, 0)
    // The history's judge sees to it that nothing of it is lost.
    story.only(DAMAGED, LAGGING, HEALTHY)
    story.servedBy(DAMAGED, LAGGING, HEALTHY)
    ok(cluster.history.length >= held)
    ok(!cluster.disk(DAMAGED).contents('log').has(DAMAGED_NAME))
  })

  it('waits over any number of restarts, and for a healthy quorum alone', () => {
    const story = new Story()
    const { cluster } = story
    story.only(DAMAGED, LAGGING, HEALTHY)
    story.servedBy(DAMAGED, LAGGING, HEALTHY)
    story.runFor(500)
    story.only()
    flipLastByte(cluster, DAMAGED)
    for (let i = 0; i < 5; i++) {
      story.only(DAMAGED, HEALTHY)
      story.runFor(3000)
      strictEqual(cluster.alive.filter((member) => cluster.history.serves(member)).length, 0)
      story.only()
    }
    story.only(LAGGING, HEALTHY)
    story.servedBy(LAGGING, HEALTHY)
    story.only(DAMAGED, LAGGING, HEALTHY)
    story.servedBy(DAMAGED, LAGGING, HEALTHY)
    story.only(DAMAGED, LAGGING)
    story.servedBy(DAMAGED, LAGGING)
  })
})

function flipLastByte(cluster: Cluster, id: number): void {
  const disk = cluster.disk(id)
  const { zxid, offset } = readMark(disk).ends.at(-1)!
  const bytes = disk.contents('log').get(logName(zxid))!
  bytes[offset - 20]! ^= 1
  disk.put('log', logName(zxid), bytes)
}
