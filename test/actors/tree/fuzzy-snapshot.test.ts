// A tree received from a leader that went on meanwhile (ZooKeeper's do) holds some of what comes after
// its zxid. Its digests are nobody's until the rest has been applied, and no false alarm is raised.

import { strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { freeze } from '../../../actors/tree/snapshot/snapshot-source.ts'
import { ServingMode } from '../../../protocol/messages/network.ts'
import { type Zxid, zxidOf } from '../../../protocol/zxid.ts'
import { Bench, create, set } from './fixture.ts'

const EPOCH = zxidOf(5, 0)
const MEMBER = {
  serverId: 1,
  standaloneEnabled: true,
  multiAddressEnabled: false,
  learnerMode: ServingMode.follower,
  config: new TextEncoder().encode('server.1=here\nversion=0'),
  configVersion: 0 as Zxid,
}

type Proposed = readonly { zxid: Zxid; bytes: Uint8Array }[]

function member(): Bench {
  const bench = new Bench({ member: MEMBER })
  bench.tree.recovered(zxidOf(4, 0))
  return bench
}

function body(bench: Bench): Uint8Array {
  const chunks: Uint8Array[] = []
  for (const chunk of bench.body(freeze(bench.data, bench.tree.lastZxid)))
    chunks.push(chunk.slice())
  return new Uint8Array(Buffer.concat(chunks))
}

/** A learner that was given the tree as the leader had it some transactions after the zxid. */
function fuzzy(): { leads: Bench; learns: Bench; zxid: Zxid; meanwhile: Proposed } {
  const leads = member()
  leads.tree.lead(EPOCH, false)
  leads.connect(1)
  leads.create(1, '/a')
  const zxid = leads.tree.lastZxid
  leads.proposed.length = 0
  for (let i = 0; i < 3; i++) leads.ask(1, i === 1 ? create('/b') : set('/a', `${i}`))
  const meanwhile = leads.proposed.splice(0)
  const bytes = body(leads)
  const learns = member()
  learns.tree.snapshotBegin(zxid)
  learns.tree.snapshotPiece(bytes, 0, bytes.length)
  learns.tree.snapshotEnd(zxid)
  learns.tree.snapshotNow(zxid)
  return { leads, learns, zxid, meanwhile }
}

function apply(bench: Bench, transactions: Proposed): void {
  for (const { zxid, bytes } of transactions) bench.tree.apply(zxid, bytes, 0, bytes.length)
}

describe('a fuzzy snapshot', () => {
  it('raises no alarm while the rest is applied, nor later', () => {
    const { leads, learns, meanwhile } = fuzzy()
    apply(learns, meanwhile)
    learns.tree.follow(EPOCH)
    leads.ask(1, set('/b', 'later'))
    apply(learns, leads.proposed.splice(0))
    strictEqual(learns.mismatches, 0)
    strictEqual(learns.data.digest.toHex(), leads.data.digest.toHex())
  })

  it('that differs for good is found once the learner follows', () => {
    const { leads, learns, meanwhile } = fuzzy()
    apply(learns, meanwhile.slice(1))
    learns.data.digest.replace(0, 1)
    learns.tree.follow(EPOCH)
    strictEqual(learns.mismatches, 0)
    leads.ask(1, set('/b', 'later'))
    apply(learns, leads.proposed.splice(0))
    strictEqual(learns.mismatches, 1)
  })

  it('is written to disk with an empty digest, and raises no alarm when it is loaded from there', () => {
    const { leads, learns, zxid, meanwhile } = fuzzy()
    const [frozen] = learns.frozen
    strictEqual(frozen?.digest?.zxid, 0)
    const bytes = body(learns)
    learns.tree.loading()
    learns.tree.snapshotBegin(zxid)
    learns.tree.snapshotPiece(bytes, 0, bytes.length)
    learns.tree.snapshotEnd(zxid)
    for (const each of meanwhile) learns.tree.replay(each.zxid, each.bytes, 0, each.bytes.length)
    learns.tree.recovered(learns.tree.lastZxid)
    learns.tree.follow(EPOCH)
    leads.ask(1, set('/b', 'later'))
    apply(learns, leads.proposed.splice(0))
    strictEqual(learns.mismatches, 0)
    strictEqual(learns.tree.lastZxid, leads.tree.lastZxid)
  })

  it('of a learner that follows has a digest again', () => {
    const { learns, zxid, meanwhile } = fuzzy()
    apply(learns, meanwhile)
    learns.tree.pagesReleased(zxid)
    learns.tree.follow(EPOCH)
    learns.tree.snapshotDue()
    strictEqual(learns.frozen.at(-1)?.digest?.value, learns.data.digest.toBigInt())
  })
})
