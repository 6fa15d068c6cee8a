// Pulses between two servers: who has them, who stops, and what each tells its zab of the other.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isPulse, PULSE } from '../../../protocol/quorum/pulse.ts'
import { Mesh, majority } from './mesh.ts'

const INTERVAL_MS = 50
const BOTH = ['1: 3 has pulses', '3: 1 has pulses']

/** Server 3 leads, and 1 and it watch each other. */
function watching(): Mesh {
  const mesh = new Mesh(majority(1, 2, 3), 7)
  for (const id of [1, 2, 3]) mesh.look(id)
  ok(mesh.run(5000, () => mesh.agreed()))
  mesh.member(1).election.startPulses(3, INTERVAL_MS)
  mesh.member(3).election.startPulses(1, INTERVAL_MS)
  pass(mesh, 200)
  deepStrictEqual(mesh.pulses.splice(0).sort(), BOTH)
  return mesh
}

function pass(mesh: Mesh, ms: number): void {
  mesh.run(ms, () => false)
}

describe('pulses', () => {
  test('say nothing new as long as they come, and cost one message each', () => {
    const mesh = watching()
    const { sent } = mesh
    pass(mesh, 10_000)
    deepStrictEqual(mesh.pulses, [])
    ok(mesh.sent - sent <= (2 * 10_000) / INTERVAL_MS + 2, `${mesh.sent - sent} sent`)
  })

  test('of a server that is stopped are missed, and heard again when it goes on', () => {
    const mesh = watching()
    mesh.member(3).up = false
    pass(mesh, 190)
    deepStrictEqual(mesh.pulses, [])
    pass(mesh, 90)
    deepStrictEqual(mesh.pulses.splice(0), ['1: 3 misses pulses'])
    mesh.member(3).up = true
    pass(mesh, 100)
    const [found] = mesh.pulses
    strictEqual(found, '1: 3 has pulses')
  })

  test('end when nobody watches any more, when a server looks, and when it rests', () => {
    for (const end of ['stopPulses', 'look', 'rest'] as const) {
      const mesh = watching()
      const { election, zxid, epoch } = mesh.member(3)
      if (end === 'stopPulses') election.stopPulses(1)
      else if (end === 'look') election.look(zxid, epoch)
      else election.rest()
      pass(mesh, 1000)
      deepStrictEqual(mesh.pulses, ['1: 3 misses pulses'], end)
    }
  })

  test('of a server that is not watched count for nothing', () => {
    const mesh = watching()
    mesh.member(1).election.notified(2, PULSE, 0, PULSE.length)
    deepStrictEqual(mesh.pulses, [])
  })
})

test('a pulse is four bytes, and nothing else is one', () => {
  const bytes = new Uint8Array([1, ...PULSE, 2])
  deepStrictEqual(
    [isPulse(bytes, 1, 5), isPulse(bytes, 0, 4), isPulse(bytes, 1, 4), isPulse(bytes, 1, 6)],
    [true, false, false, false],
  )
})
