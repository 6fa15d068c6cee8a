// What clients have not taken: what the tree is told, and who has to go.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UNREAD_TOTAL_HIGH, UNREAD_TOTAL_MAX } from '../../../../protocol/limits.ts'
import type { ClientConnection } from '../../../../runtime/net/client-connection.ts'
import { Outgoing } from '../../../../runtime/net/output/outgoing.ts'

function client(slot: number, unsentBytes: number, taken = 0): ClientConnection {
  return { slot, unsentBytes, takenBytes: () => taken, flush: () => {} } as ClientConnection
}

function outgoing() {
  const told: [number, number][] = []
  const all = new Outgoing({ taken: (...args) => told.push(args) })
  const flush = (connection: ClientConnection, nowMs: number): void => {
    all.add(connection)
    all.flush(nowMs)
  }
  return { all, flush, told }
}

describe('unread replies', () => {
  it('the tree is told what was taken', () => {
    const { flush, told } = outgoing()
    flush(client(1, 0, 500_000), 0)
    flush(client(2, 0), 0)
    deepStrictEqual(told, [[1, 500_000]])
  })

  it('above the limit of all, who holds most is closed', () => {
    const { all, flush } = outgoing()
    const large = client(1, UNREAD_TOTAL_MAX / 2)
    const larger = client(2, UNREAD_TOTAL_MAX / 2 + 1)
    flush(large, 0)
    strictEqual(all.excess(0), null)
    flush(larger, 0)
    strictEqual(all.excess(0), larger)
    all.forget(larger)
    strictEqual(all.excess(0), null)
  })

  it('above a lower one, who is behind for long; below it, nobody', () => {
    const { all, flush } = outgoing()
    const slow = client(1, 2 << 20)
    flush(slow, 0)
    strictEqual(all.excess(100_000), null)
    const late = client(2, UNREAD_TOTAL_HIGH)
    flush(late, 99_000)
    strictEqual(all.excess(100_000), slow)
    flush(client(1, 0), 100_000)
    flush(Object.assign(slow, { unsentBytes: 0 }), 100_000)
    strictEqual(all.excess(100_000), null)
  })
})
