// A learner's requests for its clients, from one leader to the next.

import { strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Connections } from '../../../actors/tree/clients/connections.ts'
import type { Replies } from '../../../actors/tree/clients/replies.ts'
import { Requests } from '../../../actors/tree/clients/requests.ts'
import { InFlight } from '../../../actors/tree/writes/in-flight.ts'
import type { Proposals } from '../../../actors/tree/writes/proposals.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { sessionHigh, sessionIdOf, sessionLow } from '../../../protocol/session-id.ts'

const NOTHING = new Uint8Array(0)
const ID = sessionIdOf(0x77n)

test('a write that a lost leader was asked for does not cost the next one its answer', () => {
  const connections = new Connections()
  const workers = {
    proposals: {} as Proposals,
    replies: {} as Replies,
    eagerCheck: null,
  }
  const zab = { forward: () => {}, sync: () => {} }
  const requests = new Requests(
    new InFlight(),
    zab,
    connections,
    () => workers,
    () => {},
  )
  const connected = (slot: number) => {
    const connection = connections.expect(slot)
    const times = { timeoutMs: 1000, ephemerals: new Set<number>(), closing: false, owner: 0 }
    connections.attach(connection, { id: ID, ...times })
    return connection
  }
  const before = connected(1)
  requests.begin('following')
  requests.arrived(before, 1, OpCode.setData, NOTHING, 0, 0)
  strictEqual(requests.count, 1)
  requests.stop(connections.all())
  // The socket closes when its bytes are out: after the next leader was found.
  requests.begin('following')
  requests.dropped(before)
  connections.close(1)
  strictEqual(requests.count, 0)

  const after = connected(2)
  requests.arrived(after, 2, OpCode.setData, NOTHING, 0, 0)
  const answered = requests.answeredBy(sessionHigh(ID), sessionLow(ID), 2, (id) =>
    connections.ofSession(id),
  )
  strictEqual(answered?.connection, after)
})
