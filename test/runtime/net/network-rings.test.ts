// When nothing is to be read from clients, and for how long a member may be out of touch.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { ENSEMBLE_DEFAULTS } from '../../../config/settings/registry.ts'
import { NetworkRings, touchMsMaxOf } from '../../../runtime/net/network-rings.ts'
import { LastHeardTable } from '../../../runtime/shared/last-heard.ts'
import { wire } from '../../../runtime/topology.ts'

function ringsOf(touchMsMax: number | null) {
  const clock = { nowMs: 1000, wallMs: 0, advance: () => {}, read: () => clock.nowMs }
  const heard = new LastHeardTable(LastHeardTable.memoryFor(4))
  return { clock, heard, rings: new NetworkRings(wire(), clock, heard, touchMsMax) }
}

test('a member that is out of touch for too long reads nothing until it is in touch again', () => {
  const { clock, heard, rings } = ringsOf(600)
  strictEqual(rings.blocked, false)
  heard.stampInTouch(1000)
  clock.nowMs = 1600
  strictEqual(rings.blocked, false)
  clock.nowMs = 1601
  strictEqual(rings.blocked, true)
  heard.stampInTouch(1500)
  strictEqual(rings.blocked, false)
  clock.nowMs = 5000
  strictEqual(rings.blocked, true)
  heard.stampInTouch(Number.POSITIVE_INFINITY)
  strictEqual(rings.blocked, false)
})

test('a server that stands alone is never out of touch', () => {
  const { clock, heard, rings } = ringsOf(null)
  heard.stampInTouch(1000)
  clock.nowMs = 1e9
  strictEqual(rings.blocked, false)
})

test('for a third of the shortest timeout, which leaves a client a third to look elsewhere', () => {
  const ensemble = { ...ENSEMBLE_DEFAULTS, serverId: 1 }
  const of = (minSessionTimeoutMs: number) =>
    touchMsMaxOf({
      ensemble: ensemble as never,
      tickTimeMs: 3000,
      minSessionTimeoutMs,
    })
  deepStrictEqual([of(6000), of(60_000), of(100)], [2000, 20_000, 2000])
  strictEqual(touchMsMaxOf({ ensemble: null, tickTimeMs: 3000, minSessionTimeoutMs: 1 }), null)
})
