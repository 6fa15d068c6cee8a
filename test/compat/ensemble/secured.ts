// What three members of both kinds go through whose connections are secured, whatever secures them. The
// third leads.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { until } from '../../support/until.ts'
import { Writer } from './acknowledged.ts'
import { SERVING_MS_MAX } from './member.ts'
import type { MixedEnsemble } from './mixed-ensemble.ts'

const WRITES = 100

/** Writes, loses its leader, and gets it back. */
export async function livesOn(ensemble: MixedEnsemble): Promise<void> {
  await ensemble.start(3)
  const modes = await Promise.all(ensemble.members.map((member) => member.mode()))
  deepStrictEqual(modes, ['follower', 'follower', 'leader'])
  const writer = new Writer('/w', ensemble.client())
  await writer.start()
  await writer.goesOn(WRITES)
  await ensemble.member(3).kill()
  await ensemble.leader()
  await writer.goesOn(WRITES)
  ensemble.member(3).start()
  await ensemble.member(3).serves('follower')
  await writer.goesOn(WRITES)
  await writer.stop()
  writer.check(await ensemble.agrees())
}

/** The first two serve without the third, and one of those that run says why. */
export async function shutsOutTheThird(ensemble: MixedEnsemble, why: RegExp): Promise<void> {
  for (const member of ensemble.members) member.start()
  await ensemble.member(2).serves('leader')
  await ensemble.member(1).serves('follower')
  const isSaid = (): boolean => ensemble.members.some(({ log }) => why.test(log))
  await until('ours says so', SERVING_MS_MAX, isSaid)
  strictEqual(await ensemble.member(3).mode(), null)
}

/** Each step, lines of zoo.cfg, is taken by one member after another, as an operator would, while a client
 * writes. */
export async function takesSteps(
  ensemble: MixedEnsemble,
  steps: readonly (readonly string[])[],
): Promise<void> {
  await ensemble.start(3)
  const writer = new Writer('/w', ensemble.client())
  await writer.start()
  for (const step of steps) {
    for (const member of ensemble.members) {
      await member.stop()
      member.configure(...step)
      await ensemble.leader()
      member.start()
      await member.serves()
      await ensemble.isLevel()
      await writer.goesOn(10)
    }
  }
  await writer.stop()
  writer.check(await ensemble.agrees())
  match(ensemble.member(3).log, /serving clients/)
}
