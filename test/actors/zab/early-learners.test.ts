// Learners that dial before the election has ended.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EarlyLearners } from '../../../actors/zab/leader/early-learners.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { packet, z } from './ensemble-recorder.ts'

function early(): { learners: EarlyLearners; said: string[] } {
  const said: string[] = []
  const learners = new EarlyLearners({
    listen: (open) => said.push(open ? 'listen' : 'refuse'),
    close: (link) => said.push(`${link}: close`),
  })
  return { learners, said }
}

const info = (data: Uint8Array) => packet(PacketType.followerInfo, z('4.0'), data)

describe('learners that come before their leader is elected', () => {
  test('are handed over with what they said, as it was when they said it', () => {
    const { learners, said } = early()
    learners.begin(1000)
    const bytes = Uint8Array.of(1, 2, 3)
    learners.opened(1)
    learners.packet(1, info(bytes))
    bytes.fill(0)
    learners.opened(2)
    learners.opened(3)
    learners.closed(3)
    const taken = learners.take()
    deepStrictEqual([...taken.keys()], [1, 2])
    deepStrictEqual(taken.get(1)?.data, Uint8Array.of(1, 2, 3))
    strictEqual(taken.get(2), null)
    deepStrictEqual(said, ['listen'])
  })

  test('are closed, and the port, when another leads or the election takes long', () => {
    const { learners, said } = early()
    learners.begin(1000)
    strictEqual(learners.endMs, 1500)
    learners.opened(1)
    learners.refuse()
    strictEqual(learners.endMs, Number.POSITIVE_INFINITY)
    learners.opened(2)
    deepStrictEqual(said, ['listen', 'refuse', '1: close', '2: close'])
  })

  test('may say one thing', () => {
    const { learners, said } = early()
    learners.begin(1000)
    learners.opened(1)
    learners.packet(1, info(Uint8Array.of(1)))
    learners.packet(1, info(Uint8Array.of(1)))
    learners.packet(1, info(Uint8Array.of(1)))
    deepStrictEqual(said, ['listen', '1: close'])
    strictEqual(learners.take().size, 0)
  })
})
