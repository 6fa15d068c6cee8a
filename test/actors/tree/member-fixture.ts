// Benches of trees that are members of an ensemble: a learner, a leader, or the two as a pair.

import { ok } from 'node:assert'
import type { MemberOptions, TreeOptions } from '../../../actors/tree/options.ts'
import { writeId } from '../../../protocol/acl.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ServingMode } from '../../../protocol/messages/network.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { type SessionId, sessionIdOf } from '../../../protocol/session-id.ts'
import { type Zxid, zxidOf } from '../../../protocol/zxid.ts'
import { encodeOperation, type Operation } from '../../simulator/model/operation.ts'
import { ANN, Bench, type Effect } from './fixture.ts'

export const EPOCH: Zxid = zxidOf(5, 0)
export const MEMBER: MemberOptions = {
  serverId: 1,
  standaloneEnabled: true,
  multiAddressEnabled: false,
  learnerMode: ServingMode.follower,
  config: new TextEncoder().encode('server.1=here\nversion=0'),
  configVersion: 0 as Zxid,
}
export const ID: SessionId = sessionIdOf(0x77n)

export function loaded(options: Partial<TreeOptions> = {}): Bench {
  const bench = new Bench({ member: MEMBER, ...options })
  bench.tree.recovered(zxidOf(4, 0))
  bench.taken()
  return bench
}

export function learner(options: Partial<TreeOptions> = {}): Bench {
  const bench = loaded(options)
  bench.tree.follow(EPOCH)
  bench.taken()
  return bench
}

export function leader(): Bench {
  const bench = loaded()
  bench.tree.lead(EPOCH, false)
  bench.taken()
  return bench
}

/** A leader whose transactions a learner's tree is given. */
export function pair(options: Partial<TreeOptions> = {}): {
  leads: Bench
  learns: Bench
  pass: () => void
} {
  const leads = leader()
  const learns = learner(options)
  const pass = (): void => {
    for (const { zxid, bytes } of leads.proposed.splice(0)) {
      learns.tree.apply(zxid, bytes, 0, bytes.length)
    }
  }
  return { leads, learns, pass }
}

/** Hands on what the learner has forwarded. */
export function forward(
  { leads, learns }: { leads: Bench; learns: Bench },
  link: number = 9,
): void {
  for (const { dataBytes, bytes } of learns.forwarded.splice(0)) {
    leads.deliver(() => leads.tree.forwarded(link, dataBytes, bytes, 0, bytes.length))
  }
}

export function connected(both: ReturnType<typeof pair>, slot: number = 1): SessionId {
  both.learns.tree.opened(slot, '10.0.0.1')
  const id = sessionIdOf(ID + BigInt(slot))
  both.learns.tree.createSession(slot, id, 4000, 0 as Zxid)
  forward(both)
  both.pass()
  ok(both.learns.taken().some(([name, to]) => name === 'connected' && to === slot))
  both.leads.taken()
  return id
}

export function names(effects: readonly Effect[]): unknown[] {
  return effects.map(([name]) => name)
}

export function xids(bench: Bench): number[] {
  return bench.replies.splice(0).map(({ xid }) => xid)
}

/** A request as a learner forwards it. */
export function request(
  id: SessionId,
  cxid: number,
  op: Operation,
): { data: number; bytes: Uint8Array } {
  const writer = new JuteWriter()
  writer.long(id)
  writer.int(cxid)
  writer.int(op.type)
  const record = encodeOperation(op)
  writer.raw(record, 0, record.length)
  const data = writer.length
  writer.vector([ANN], writeId)
  return { data, bytes: writer.finish() }
}

export const READ: Operation = { type: OpCode.getData, path: '/a', watch: false }
export const SYNC: Operation = { type: OpCode.sync, path: '/a' }
