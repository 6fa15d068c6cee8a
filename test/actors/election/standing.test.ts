// Who may be voted for, who casts votes, and whose votes everybody counts; and elections in which a server
// is needed as a voter and does not know it.

import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, test } from 'node:test'
import { standingOf } from '../../../actors/election/standing.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import { membershipOf } from '../../support/membership.ts'
import { Mesh } from './mesh.ts'

const OLD = { voters: [1, 2, 3], observers: [5] }
const NEW = { voters: [2, 4, 5] }
const HISTORY = 7 as Zxid

describe('the standing of a server', () => {
  const table: [what: string, id: number, knowsNext: boolean, enabled: boolean, says: string][] = [
    ['a voter', 1, false, false, 'stands casts isCounted follows'],
    ['an observer', 5, false, false, ''],
    ['a stranger', 4, false, false, ''],
    ['a voter that may be voted out', 1, true, true, 'stands casts isCounted follows'],
    ['a voter in both', 2, true, true, 'stands casts isCounted follows'],
    ['a voter to be that knows it', 4, true, true, 'stands casts follows'],
    ['a voter to be that does not know it', 4, false, true, 'casts follows'],
    ['an observer that knows it is to vote', 5, true, true, 'stands casts follows'],
    ['an observer that may be made a voter', 5, false, true, 'casts'],
  ]
  for (const [what, id, knowsNext, enabled, says] of table) {
    test(`${what}, ${enabled ? 'with' : 'without'} reconfiguration: ${says || 'nothing'}`, () => {
      const membership = membershipOf(OLD, knowsNext ? NEW : null)
      const options = { serverId: id, reconfigEnabled: enabled }
      const { own, ...standing } = standingOf(options, membership, [HISTORY, 0])
      const held = Object.entries(standing).filter(([, value]) => value)
      strictEqual(held.map(([name]) => name).join(' '), says)
      strictEqual(own.leader, standing.stands ? id : -1)
      const lost = standingOf(options, membership, [ZXID_NONE, -1])
      deepStrictEqual([lost.stands, lost.casts, lost.follows], [false, false, false])
    })
  }
})

describe('an election while a reconfiguration is under way', () => {
  /** 2 alone has logged the next configuration, and 1 is away. */
  function started(seed: number, reconfigEnabled: boolean): Mesh {
    const everybody = { voters: [1, 2, 3], observers: [4, 5] }
    const mesh = new Mesh(everybody, seed, new Map([[2, [1, 9]]]), (id) => ({
      reconfigEnabled,
      membership: membershipOf(OLD, id === 2 ? NEW : null),
    }))
    for (const id of [4, 3, 5, 2]) mesh.look(id)
    return mesh
  }

  test('those who are to vote and do not know it elect the one who does', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const mesh = started(seed, true)
      ok(
        mesh.run(2000, () => mesh.agreed()),
        `seed ${seed}`,
      )
      strictEqual(mesh.member(3).leader, 2)
      ok(mesh.sent < 200, `seed ${seed}: ${mesh.sent} messages`)
    }
  })

  /** 4 votes in the next one alone, and has the latest history; 2 votes in both, and asks both. */
  test('one of whom the others know only by rumour is elected', () => {
    const everybody = { voters: [1, 2, 3], observers: [4, 5] }
    const next = { voters: [2, 4], version: 0x1_0000_0005n }
    for (let seed = 1; seed <= 200; seed++) {
      const histories = new Map<number, [number, number]>([
        [2, [1, 8]],
        [4, [1, 9]],
      ])
      const mesh = new Mesh(everybody, seed, histories, (id) => ({
        reconfigEnabled: true,
        membership: membershipOf(OLD, id === 4 || id === 2 ? next : null),
      }))
      for (const id of [3, 5, 2, 4]) mesh.look(id)
      const isOver = (): boolean => {
        // They may follow 2 in vain at first, and find that out.
        if (mesh.clock.nowMs % 500 === 0) {
          for (const id of [3, 5]) if (mesh.member(id).leader === 2) mesh.look(id)
        }
        return mesh.agreed()
      }
      ok(mesh.run(5000, isOver), `seed ${seed}`)
      strictEqual(mesh.member(3).leader, 4)
      deepStrictEqual([...mesh.rumours].sort(), [3, 5])
    }
  })

  test('whatever rounds they are in', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const mesh = started(seed, true)
      for (const id of [4, 4, 4, 5, 5, 3]) mesh.look(id)
      ok(
        mesh.run(5000, () => mesh.agreed()),
        `seed ${seed}`,
      )
      strictEqual(mesh.member(3).leader, 2)
    }
  })

  test('nobody shouts while no quorum is to be had', () => {
    const mesh = started(1, true)
    mesh.crash(2)
    mesh.sent = 0
    mesh.run(10_000, () => false)
    ok(mesh.sent < 400, `${mesh.sent} messages in ten seconds`)
  })
})
