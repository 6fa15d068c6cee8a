// The pipeline of a quorum of one: proposals go to the log in order, commits come from its syncs.

import { deepStrictEqual, throws } from 'node:assert'
import { describe, it } from 'node:test'
import { Standalone } from '../../../actors/zab/standalone.ts'
import { type Zxid, zxidOf } from '../../../protocol/zxid.ts'

type Effect = readonly [name: string, ...rest: unknown[]]

const BYTES = new Uint8Array([9, 1, 2, 3, 9])

const unexpected = (): never => {
  throw new Error('a server on its own says no such thing')
}
const FOR_MEMBERS = {
  follow: unexpected,
  config: unexpected,
  supporters: unexpected,
  idle: unexpected,
  readOnly: unexpected,
  forwarded: unexpected,
  revalidation: unexpected,
  revalidated: unexpected,
  synchronized: unexpected,
  answer: unexpected,
}

class Bench {
  readonly effects: Effect[] = []
  readonly zab: Standalone

  constructor(loaded: Zxid | null = z(1, 0)) {
    const { effects } = this
    this.zab = new Standalone({
      log: {
        alone: () => effects.push(['alone']),
        append: (zxid, bytes, start, end) =>
          effects.push(['append', zxid, [...bytes.subarray(start, end)]]),
      },
      tree: {
        committed: (zxid) => effects.push(['committed', zxid]),
        apply: (zxid) => effects.push(['apply', zxid]),
        lead: (zxid, alone) => effects.push(['lead', zxid, alone]),
        ...FOR_MEMBERS,
      },
    })
    if (loaded === null) return
    this.zab.loaded(loaded)
    this.taken()
  }

  propose(zxid: Zxid): Effect[] {
    this.zab.propose(zxid, BYTES, 1, 4)
    return this.taken()
  }

  synced(zxid: Zxid): Effect[] {
    this.zab.synced(zxid)
    return this.taken()
  }

  taken(): Effect[] {
    return this.effects.splice(0)
  }
}

function z(epoch: number, counter: number): Zxid {
  return zxidOf(epoch, counter)
}

describe('zab, standalone', () => {
  it('leads from what was loaded, alone: the log is told first', () => {
    const bench = new Bench(null)
    bench.zab.loaded(z(1, 7))
    deepStrictEqual(bench.taken(), [['alone'], ['lead', z(1, 7), true]])
    throws(() => bench.zab.loaded(z(1, 7)), /loaded twice/)
  })

  it('hands a proposal to the log as it is and commits nothing', () => {
    deepStrictEqual(new Bench().propose(z(1, 1)), [['append', z(1, 1), [1, 2, 3]]])
  })

  it('commits up to what the log has synced', () => {
    const bench = new Bench()
    for (const counter of [1, 2, 3, 4]) bench.propose(z(1, counter))
    deepStrictEqual(bench.synced(z(1, 3)), [['committed', z(1, 3)]])
    deepStrictEqual(bench.synced(z(1, 4)), [['committed', z(1, 4)]])
  })

  it('goes on with the first counter of a later epoch', () => {
    const bench = new Bench(z(1, 9))
    deepStrictEqual(bench.propose(z(2, 1)).length, 1)
    deepStrictEqual(bench.propose(z(2, 2)).length, 1)
  })

  const HOLES: readonly [what: string, zxid: Zxid][] = [
    ['a hole', z(1, 2)],
    ['the same again', z(1, 0)],
    ['an earlier epoch', z(0, 1)],
    ['the middle of a later epoch', z(2, 2)],
  ]
  for (const [what, zxid] of HOLES) {
    it(`refuses ${what}`, () => {
      throws(() => new Bench().propose(zxid), /proposal leaves a hole/)
    })
  }

  it('refuses proposals before it leads', () => {
    throws(() => new Bench(null).propose(z(1, 1)), /does not lead/)
  })

  it('refuses a sync that goes back', () => {
    const bench = new Bench()
    bench.propose(z(1, 1))
    bench.synced(z(1, 1))
    throws(() => bench.synced(z(1, 1)), /synced twice/)
  })
})
