// Pulses between two servers: who has them, who stops, and what each tells its zab of the other.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { doubtBytes, doubtIn, isPulse, PULSE } from '../../../protocol/quorum/pulse.ts'
import { SERVER_NONE } from '../../../protocol/quorum/server-id.ts'
import type { Roster } from '../../support/membership.ts'
import { Mesh, majority } from './mesh.ts'

const INTERVAL_MS = 50
/** What the mesh has. */
const AGREED_MS = 150
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
  test('say nothing new as long as they come, and a leader sends twice as many', () => {
    const mesh = watching()
    const { sent } = mesh
    pass(mesh, 10_000)
    deepStrictEqual(mesh.pulses, [])
    ok(mesh.sent - sent <= (3 * 10_000) / INTERVAL_MS + 3, `${mesh.sent - sent} sent`)
  })

  test('of a server that is stopped are missed, and heard again when it goes on', () => {
    const mesh = watching()
    mesh.member(3).up = false
    pass(mesh, 170)
    deepStrictEqual(mesh.pulses, [])
    pass(mesh, 60)
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

describe('a leader without pulses', () => {
  /** All follow server 3, and watch it. */
  function followed(roster: Roster, silenceMs: number = 200): Mesh {
    const mesh = new Mesh(roster, 7, undefined, { silenceMs })
    for (const id of mesh.members.keys()) mesh.look(id)
    ok(mesh.run(5000, () => mesh.agreed()))
    strictEqual(mesh.member(1).leader, mesh.members.size)
    const leader = mesh.members.size
    for (const id of mesh.members.keys()) {
      if (id === leader) continue
      mesh.member(id).election.startPulses(leader, INTERVAL_MS)
      mesh.member(leader).election.startPulses(id, INTERVAL_MS)
    }
    pass(mesh, 200)
    mesh.pulses.splice(0)
    return mesh
  }

  for (const [name, silent, isAgreed] of [
    ['that two of three miss is gone soon', [3], true],
    ['that two of five miss is not, or not so soon', [5, 1, 2], false],
    ['that three of five miss is', [5, 1], true],
  ] as const) {
    test(name, () => {
      const size = silent[0]
      const mesh = followed(majority(...Array.from({ length: size }, (_, i) => i + 1)))
      for (const id of silent) mesh.member(id).up = false
      pass(mesh, AGREED_MS - 30)
      deepStrictEqual(mesh.pulses, [])
      pass(mesh, 80)
      const rest = [...mesh.members.values()].filter(({ up }) => up)
      const told = rest.map(({ id }) => `${id}: a quorum misses pulses of ${size}`)
      if (!isAgreed) {
        // Nobody is told so, and each finds out by itself.
        deepStrictEqual(
          new Set(mesh.pulses),
          new Set(rest.map(({ id }) => `${id}: ${size} misses pulses`)),
        )
      } else deepStrictEqual(mesh.pulses.sort(), told)
    })
  }

  test('has stood still for two thirds of that, and nobody minds', () => {
    const mesh = followed(majority(1, 2, 3))
    mesh.member(3).up = false
    pass(mesh, (AGREED_MS * 2) / 3)
    mesh.member(3).up = true
    pass(mesh, 1000)
    deepStrictEqual(mesh.pulses, [])
  })

  test('is found out later where its pulses have been late', () => {
    const mesh = followed(majority(1, 2, 3), 1000)
    mesh.member(3).up = false
    pass(mesh, 110)
    mesh.member(3).up = true
    pass(mesh, 300)
    mesh.pulses.splice(0)
    mesh.member(3).up = false
    pass(mesh, 280)
    deepStrictEqual(mesh.pulses, [])
    pass(mesh, 200)
    deepStrictEqual(mesh.pulses.sort().slice(0, 1), ['1: a quorum misses pulses of 3'])
  })
})

test('a doubt names a server, whatever its id, and nothing else is one', () => {
  for (const id of [0, 3, 2 ** 31, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER]) {
    const bytes = doubtBytes(id)
    strictEqual(doubtIn(bytes, 0, bytes.length), id)
    strictEqual(doubtIn(bytes, 0, bytes.length - 1), null)
    strictEqual(isPulse(bytes, 0, bytes.length), false)
  }
  const negative = doubtBytes(3)
  negative[4] = 0x80
  strictEqual(doubtIn(negative, 0, negative.length), SERVER_NONE)
  strictEqual(doubtIn(PULSE, 0, PULSE.length), null)
})

test('a pulse is four bytes, and nothing else is one', () => {
  const bytes = new Uint8Array([1, ...PULSE, 2])
  deepStrictEqual(
    [isPulse(bytes, 1, 5), isPulse(bytes, 0, 4), isPulse(bytes, 1, 4), isPulse(bytes, 1, 6)],
    [true, false, false, false],
  )
})
