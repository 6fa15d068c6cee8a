// Simulated servers and ensembles to which clients come that prove themselves with SASL, and others that
// have no proof. Who is let in is checked by guesser.ts.

import { throws } from 'node:assert'
import { describe, it } from 'node:test'
import { DigestMd5Server } from '../../protocol/sasl/digest-md5-server.ts'
import { clusterOptionsOf, describeCluster } from './cluster/options.ts'
import { simulateCluster } from './cluster/simulation.ts'
import { describeOptions, optionsOf } from './options.ts'
import { patched } from './plants/patch.ts'
import { simulate } from './simulation.ts'
import { simulationOver } from './world/collect.ts'

const SEEDS = 12
const PLANT_SEEDS_MAX = 20
const GUESSERS = 3

type Run = (seed: number) => void

const runServer: Run = (seed) => {
  const options = { ...optionsOf(seed), guessers: GUESSERS }
  try {
    simulate(options)
  } catch (error) {
    throw new Error(`server, seed ${seed}: ${describeOptions(options)}`, { cause: error })
  }
}
const runCluster: Run = (seed) => {
  const options = { ...clusterOptionsOf(seed), guessers: GUESSERS }
  try {
    simulateCluster(options)
  } catch (error) {
    throw new Error(`ensemble, seed ${seed}: ${describeCluster(options)}`, { cause: error })
  }
}

for (const [what, run] of [
  ['a simulated server', runServer],
  ['a simulated ensemble', runCluster],
] as const) {
  describe(`${what} asked for SASL`, () => {
    it('lets in who has a proof, and nobody else', async () => {
      for (let seed = 0; seed < SEEDS; seed++) {
        run(seed)
        await simulationOver()
      }
    })
  })
}

describe('a server that believes who merely names a user', () => {
  it('is noticed', () => {
    const undo = patched(DigestMd5Server.prototype, 'evaluate', (evaluate) => {
      return function (this: DigestMd5Server, token) {
        try {
          return evaluate.call(this, token)
        } catch (error) {
          if (!Buffer.from(token).includes('username="bob"')) throw error
          return Buffer.from('rspauth=00')
        }
      }
    })
    try {
      throws(() => {
        for (let seed = 0; seed < PLANT_SEEDS_MAX; seed++) {
          simulate({ ...optionsOf(seed), guessers: GUESSERS })
        }
      }, /SASL, (replay|cut|early): is let in/)
    } finally {
      undo()
    }
  })
})
