// The sessions of a server with ten thousand connections: a page of them, in each order.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { sessionsView } from '../../../runtime/console/holders/session-views.ts'
import type { ClientConnection } from '../../../runtime/net/client-connection.ts'
import { fakeConnection, fakeSource } from '../reports/fake-source.ts'

const MANY = 10_000

interface Seen {
  readonly total: number
  readonly rows: readonly { readonly session: string; readonly requests: number }[]
}

function connections(): Generator<ClientConnection> {
  return (function* () {
    for (let i = 1; i <= MANY; i++) {
      const identities = [{ scheme: 'digest', id: `user${i % 100}:hash` }]
      const establishedWallMs = MANY - i
      yield Object.assign(fakeConnection(i), { received: i, identities, establishedWallMs })
    }
  })()
}

async function view(order: string, filter: string, page: number): Promise<Seen> {
  const slice = { from: page * 50, size: 50 }
  return (await sessionsView(fakeSource({ connections }), order, filter, slice)) as Seen
}

test('the busiest first', async () => {
  const { total, rows } = await view('requests', '', 0)
  deepStrictEqual([total, rows.length, rows[0]?.requests], [MANY, 50, MANY])
})

test('the last page of the oldest', async () => {
  const { rows } = await view('since', '', MANY / 50 - 1)
  strictEqual(rows.at(-1)?.session, '0x1')
})

test('those of one user, and none of its hash', async () => {
  const { total, rows } = await view('since', 'user7:', 0)
  strictEqual(total, MANY / 100)
  strictEqual(JSON.stringify(rows).includes('hash'), false)
})

test('beyond the last page there is nothing', async () => {
  deepStrictEqual((await view('since', '', 1000)).rows, [])
})
