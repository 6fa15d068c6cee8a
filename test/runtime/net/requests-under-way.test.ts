// The requests of a connection that are on their way, against a plain list.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RequestsUnderWay } from '../../../runtime/net/requests-under-way.ts'
import { seeded } from '../../support/random.ts'

describe('requests under way', () => {
  it('are answered in their order, however many there are', () => {
    const draw = seeded(11)
    const requests = new RequestsUnderWay()
    const model: { ms: number; bytes: number }[] = []
    let most = 0
    for (let step = 0; step < 20_000; step++) {
      // Now more come than are answered, now fewer.
      const isGrowing = Math.floor(step / 500) % 2 === 0
      if (model.length === 0 || draw(10) < (isGrowing ? 6 : 4)) {
        const request = { ms: step + 0.5, bytes: draw(1000) }
        requests.add(request.ms, request.bytes)
        model.push(request)
      } else {
        strictEqual(requests.answered(), model.shift()?.ms)
      }
      strictEqual(requests.count, model.length)
      most = Math.max(most, model.length)
    }
    ok(most > 100)
    while (model.length > 0) strictEqual(requests.answered(), model.shift()?.ms)
    deepStrictEqual([requests.count, requests.bytes], [0, 0])
    throws(() => requests.answered(), /no request/)
  })

  it('take no more room the longer something is under way', () => {
    const requests = new RequestsUnderWay()
    requests.add(0, 1)
    for (let i = 1; i < 10_000; i++) {
      requests.add(i, 1)
      strictEqual(requests.answered(), i - 1)
    }
    ok(requests.places <= 8)
  })
})
