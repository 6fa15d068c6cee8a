// A sync is done when a quorum has answered a PING that left after it was asked for.

import { deepStrictEqual, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Sync, SyncRounds } from '../../../actors/zab/leader/sync-rounds.ts'
import { membershipOf } from '../../support/membership.ts'
import { z } from './ensemble-recorder.ts'

function rounds(voters: number[] = [1, 2, 3]): SyncRounds {
  return new SyncRounds({ membership: membershipOf({ voters, observers: [7] }), serverId: 1 })
}

function links(syncs: readonly Sync[]): number[] {
  return syncs.map(({ link }) => link)
}

describe('a sync', () => {
  test('an answer to an earlier PING confirms nothing', () => {
    const syncs = rounds()
    syncs.pinged([12], 0)
    syncs.ask(0, z('5.0'))
    ok(syncs.wanted)
    syncs.answered(12, 2)
    deepStrictEqual(links(syncs.take(z('5.9'))), [])
    syncs.pinged([12, 13], 0)
    ok(!syncs.wanted)
    syncs.answered(12, 2)
    deepStrictEqual(links(syncs.take(z('5.9'))), [0])
  })

  test('waits for what was proposed before it', () => {
    const syncs = rounds()
    syncs.ask(4, z('5.3'))
    syncs.pinged([12], 0)
    syncs.answered(12, 2)
    deepStrictEqual(links(syncs.take(z('5.2'))), [])
    deepStrictEqual(links(syncs.take(z('5.3'))), [4])
  })

  test('keeps the order of asking, whoever asked', () => {
    const syncs = rounds()
    syncs.ask(4, z('5.3'))
    syncs.ask(0, z('5.1'))
    syncs.pinged([12], 0)
    syncs.answered(12, 2)
    deepStrictEqual(links(syncs.take(z('5.1'))), [])
    deepStrictEqual(links(syncs.take(z('5.3'))), [4, 0])
  })

  test('observers and strangers confirm nothing, nor does who has left', () => {
    const syncs = rounds()
    syncs.ask(0, z('5.0'))
    syncs.pinged([12, 17, 18], 0)
    syncs.answered(17, 7)
    syncs.answered(18, 99)
    syncs.answered(12, 2)
    syncs.closed(12, 2)
    deepStrictEqual(links(syncs.take(z('5.9'))), [])
  })

  test('is confirmed by what was proposed after it, and is before that', () => {
    const syncs = rounds()
    syncs.ask(4, z('5.1'))
    syncs.ask(0, z('5.1'))
    syncs.ask(4, z('5.3'))
    deepStrictEqual(links(syncs.takeBefore(z('5.1'))), [])
    deepStrictEqual(links(syncs.takeBefore(z('5.2'))), [4, 0])
    deepStrictEqual(links(syncs.takeBefore(z('5.3'))), [])
    deepStrictEqual(links(syncs.takeBefore(z('5.4'))), [4])
  })

  test('a quorum of one needs a round, and nobody', () => {
    const syncs = rounds([1])
    syncs.ask(0, z('5.0'))
    deepStrictEqual(links(syncs.take(z('5.0'))), [])
    syncs.pinged([], 0)
    deepStrictEqual(links(syncs.take(z('5.0'))), [0])
  })
})
