// Several writes as one: all or nothing, the results of each, and the counters as if a failed one
// had never been.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { EventType, OpCode } from '../../../protocol/op-code.ts'
import { type MultiResult, readMultiResponse } from '../../../protocol/records/multi.ts'
import { encodeOperation, type Operation } from '../../simulator/model/operation.ts'
import { Bench, checked, container, create, create2, del, multi, set, ttl } from './fixture.ts'

function results(bench: Bench, op: Operation): MultiResult[] {
  const reply = bench.ask(1, op)
  strictEqual(reply.err, 0, 'the header of a multi says nothing of its parts')
  return readMultiResponse(reply.body)
}

function errors(bench: Bench, op: Operation): number[] {
  return results(bench, op).map((result) => {
    return result.type === OpCode.error ? result.err : Number.NaN
  })
}

function serving(): Bench {
  const bench = Bench.serving()
  bench.connect(1)
  bench.create(1, '/a')
  return bench
}

describe('multi', () => {
  it('answers each part; creates with a stat under one type', () => {
    const bench = serving()
    const all = results(
      bench,
      multi(
        create('/a/x'),
        create2('/a/y'),
        container('/a/c'),
        ttl('/a/t', 100),
        set('/a/x', 'new'),
        checked('/a/x', 1),
        del('/a/y'),
      ),
    )
    deepStrictEqual(
      all.map(({ type }) => type),
      [
        OpCode.create,
        OpCode.create2,
        OpCode.create2,
        OpCode.create2,
        OpCode.setData,
        OpCode.check,
        OpCode.delete,
      ],
    )
    strictEqual(bench.text(1, '/a/x'), 'new')
    strictEqual(bench.exists('/a/y'), false)
    strictEqual(bench.mismatches, 0)
  })

  it('is one transaction at one zxid', () => {
    const bench = serving()
    const before = bench.proposed.length
    bench.ask(1, multi(create('/a/x'), create('/a/y')))
    strictEqual(bench.proposed.length, before + 1)
    strictEqual(bench.stat(1, '/a/x').czxid, bench.stat(1, '/a/y').czxid)
  })

  it('fires for each part, in order, with the same zxid', () => {
    const bench = serving()
    bench.taken()
    bench.send(1, multi(create('/a/x'), set('/a', '1'), del('/a/x')))
    const { nodeCreated, nodeDataChanged, nodeDeleted } = EventType
    deepStrictEqual(
      bench.taken().map((effect) => effect.slice(0, 4)),
      [
        ['changed', nodeCreated, 3, '/a/x'],
        ['changed', nodeDataChanged, 3, '/a'],
        ['changed', nodeDeleted, 3, '/a/x'],
        ['reply', 1, 2, 3],
      ],
    )
  })

  it('that fails tells 0 before, the error, -2 after', () => {
    const bench = serving()
    const digest = bench.data.digest.toHex()
    const failing = multi(create('/a/x'), checked('/a', 7), set('/none', ''), del('/a'))
    const { badVersion, runtimeInconsistency: after } = ErrorCode
    deepStrictEqual(errors(bench, failing), [0, badVersion, after, after])
    strictEqual(bench.exists('/a/x'), false)
    strictEqual(bench.data.digest.toHex(), digest)
    strictEqual(bench.proposed.at(-1)!.type, OpCode.multi, 'logged as a multi of errors')
  })

  it('that fails gives sequence numbers back (ZOOKEEPER-1624)', () => {
    const bench = serving()
    errors(bench, multi(create('/a/s-', { flags: 2 }), checked('/a', 9)))
    strictEqual(bench.create(1, '/a/s-', { flags: 2 }), '/a/s-0000000000')
    strictEqual(bench.stat(1, '/a').cversion, 1)
  })

  it('that fails leaves changes under way as they were', () => {
    const bench = serving()
    bench.committing = false
    bench.send(1, create('/a/s-', { flags: 2 }))
    bench.send(1, set('/a', '1'))
    bench.send(1, multi(create('/a/s-', { flags: 2 }), set('/a', '2'), checked('/none', 0)))
    bench.send(1, create('/a/s-', { flags: 2 }))
    bench.send(1, set('/a', '3', 1))
    bench.commit()
    bench.committing = true
    strictEqual(bench.text(1, '/a'), '3')
    strictEqual(bench.exists('/a/s-0000000001'), true)
    strictEqual(bench.exists('/a/s-0000000002'), false)
    strictEqual(bench.mismatches, 0)
  })

  it('that fails leaves nodes that it deleted, made again and wrote as they were', () => {
    const bench = serving()
    bench.create(1, '/a/x')
    bench.committing = false
    bench.send(1, set('/a/x', 'first'))
    const ops = [set('/a/x', 'second'), del('/a/x'), create('/a/x'), set('/a/x', 'third')]
    bench.send(1, multi(...ops, del('/a/x'), checked('/none', 0)))
    bench.send(1, set('/a/x', 'last', 1))
    for (const { zxid } of bench.proposed.slice(-3)) bench.commit(zxid)
    bench.committing = true
    strictEqual(bench.text(1, '/a/x'), 'last')
    const { version, czxid, mzxid } = bench.stat(1, '/a/x')
    deepStrictEqual([version, mzxid - czxid], [2, 3])
    deepStrictEqual(bench.stat(1, '/a').numChildren, 1)
    strictEqual(bench.error(1, del('/a')), ErrorCode.notEmpty)
    strictEqual(bench.mismatches, 0)
  })

  it('may be empty', () => {
    const bench = serving()
    deepStrictEqual(results(bench, multi()), [])
  })

  it('with anything but a write in it is malformed', () => {
    const bench = serving()
    const record = encodeOperation(multi(create('/a/s', { flags: 2 }), checked('/a', 0)))
    // The type of the second part: a read is none of a multi's business.
    new DataView(record.buffer).setInt32(record.length - 9 - 10 - 9, OpCode.getData)
    bench.taken()
    bench.deliver(() => bench.tree.request(1, 9, OpCode.multi, record, 0, record.length))
    strictEqual(bench.replies[0]?.err, ErrorCode.marshallingError)
    strictEqual(bench.create(1, '/a/s', { flags: 2 }), '/a/s0000000000')
  })

  it('beyond the largest transaction is refused and forgotten', () => {
    const bench = Bench.serving({ txnBytesMax: 1000 })
    bench.connect(1)
    const data = new Uint8Array(600)
    const large = multi(create('/x', { data }), create('/y', { data }))
    strictEqual(bench.error(1, large), ErrorCode.marshallingError)
    strictEqual(bench.exists('/x'), false)
    strictEqual(bench.error(1, create('/x', { data })), 0, 'and nothing of it is under way')
    strictEqual(bench.mismatches, 0)
  })
})
