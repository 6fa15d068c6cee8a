// What clients have not taken: what the tree is told, and who has to go.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UNREAD_TOTAL_HIGH, UNREAD_TOTAL_MAX } from '../../../protocol/limits.ts'
import type { ClientConnection } from '../../../runtime/net/client-connection.ts'
import { Unread } from '../../../runtime/net/unread.ts'

function client(slot: number, unsentBytes: number, taken = 0): ClientConnection {
  return { slot, unsentBytes, takenBytes: () => taken } as ClientConnection
}

function unread() {
  const told: [number, number][] = []
  return { unread: new Unread({ taken: (...args) => told.push(args) }), told }
}

describe('unread replies', () => {
  it('the tree is told what was taken', () => {
    const { unread: all, told } = unread()
    all.flushed(client(1, 0, 500_000), 0)
    all.flushed(client(2, 0), 0)
    deepStrictEqual(told, [[1, 500_000]])
  })

  it('above the limit of all, who holds most is closed', () => {
    const { unread: all } = unread()
    const large = client(1, UNREAD_TOTAL_MAX / 2)
    const larger = client(2, UNREAD_TOTAL_MAX / 2 + 1)
    all.flushed(large, 0)
    strictEqual(all.excess(0), null)
    all.flushed(larger, 0)
    strictEqual(all.excess(0), larger)
    all.forget(larger)
    strictEqual(all.excess(0), null)
  })

  it('above a lower one, who is behind for long; below it, nobody', () => {
    const { unread: all } = unread()
    const slow = client(1, 2 << 20)
    all.flushed(slow, 0)
    strictEqual(all.excess(100_000), null)
    const late = client(2, UNREAD_TOTAL_HIGH)
    all.flushed(late, 99_000)
    strictEqual(all.excess(100_000), slow)
    all.flushed(client(1, 0), 100_000)
    all.flushed(Object.assign(slow, { unsentBytes: 0 }), 100_000)
    strictEqual(all.excess(100_000), null)
  })
})
