// What is busy: a sketch of the heaviest keys, and traffic by path from a sample.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { Sketch } from '../../runtime/top/sketch.ts'
import { type Asking, Traffic } from '../../runtime/top/traffic.ts'
import { seeded } from '../support/random.ts'

describe('a sketch', () => {
  test('keeps who is heavier than its share, with bounds that hold', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seeded(seed)
      const capacity = 20
      const sketch = new Sketch(capacity, () => null)
      const truth = new Map<string, number>()
      let all = 0
      for (let i = 0; i < 5000; i++) {
        const key = `k${random(2) === 0 ? random(5) : random(500)}`
        const weight = 1 + random(3)
        truth.set(key, (truth.get(key) ?? 0) + weight)
        all += weight
        sketch.add(key, weight)
      }
      const found = new Map(sketch.top(capacity).map((heavy) => [heavy.key, heavy]))
      ok(found.size <= capacity)
      for (const [key, weight] of truth) {
        if (weight > all / capacity) ok(found.has(key), `seed ${seed}: ${key} is missing`)
      }
      for (const { key, weight, error } of found.values()) {
        const true_ = truth.get(key) ?? 0
        ok(weight >= true_ && weight - error <= true_, `seed ${seed}: ${key}`)
      }
    }
  })
})

function request(path: string, data: number): Uint8Array {
  const writer = new JuteWriter()
  writer.string(path)
  writer.buffer(new Uint8Array(data))
  writer.int(-1)
  return writer.finish()
}

/** Asks and answers, sampled or not. */
function asks(traffic: Traffic, opCode: number, path: string, bytes: number = 0): void {
  const asking: Asking = { outstanding: 1, sampled: null }
  const body = request(path, opCode === OpCode.setData ? bytes : 0)
  if (--traffic.left <= 0) traffic.sample(asking, opCode, body, 0, body.length)
  const { sampled } = asking
  if (sampled !== null && --sampled.left === 0) traffic.replied(sampled, bytes)
}

describe('traffic', () => {
  test('of little, each request counts', () => {
    const traffic = new Traffic(0, seeded(1))
    for (let i = 0; i < 10; i++) asks(traffic, OpCode.getData, '/a/b/c', 100)
    asks(traffic, OpCode.setData, '/a/b/d', 50)
    const paths = traffic.busiest('paths', 10, 10_000)
    deepStrictEqual(
      paths.map(({ path, reads, writes }) => [path, reads, writes]),
      [
        ['/a/b/c', 1, 0],
        ['/a/b/d', 0, 0.1],
      ],
    )
    strictEqual(paths[0]?.bytes, 100)
    const [prefix] = traffic.busiest('prefixes', 10, 10_000)
    deepStrictEqual([prefix?.path, prefix?.reads, prefix?.writes], ['/a/b', 1, 0.1])
    const [namespace] = traffic.namespaces()
    deepStrictEqual(
      [namespace?.name, namespace?.readCount, namespace?.readBytes, namespace?.writeCount],
      ['a', 10, 1000, 1],
    )
  })

  test('of much, some stand for all, whatever the pattern', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const traffic = new Traffic(0, seeded(seed))
      let nowMs = 0
      for (let beat = 0; beat < 200; beat++) {
        for (let i = 0; i < 1000; i++) {
          asks(traffic, i % 2 === 0 ? OpCode.getData : OpCode.setData, i % 4 < 2 ? '/x' : '/y', 10)
        }
        nowMs += 100
        traffic.heartbeat(nowMs)
      }
      const paths = traffic.busiest('paths', 10, nowMs)
      for (const { path, reads, writes } of paths) {
        ok(
          Math.abs(reads / 2500 - 1) < 0.2,
          `seed ${seed}: ${path} is read ${reads} times a second`,
        )
        ok(Math.abs(writes / 2500 - 1) < 0.2, `seed ${seed}: ${path} is written ${writes} times`)
      }
      strictEqual(paths.length, 2)
    }
  })

  test('forgets what was a minute ago', () => {
    const traffic = new Traffic(0, seeded(1))
    asks(traffic, OpCode.getData, '/old')
    traffic.heartbeat(30_000)
    asks(traffic, OpCode.getData, '/new')
    strictEqual(traffic.busiest('paths', 10, 31_000).length, 2)
    traffic.heartbeat(60_000)
    deepStrictEqual(
      traffic.busiest('paths', 10, 61_000).map(({ path }) => path),
      ['/new'],
    )
  })

  test('takes a multi for its first operation, and what names no path for nothing', () => {
    const traffic = new Traffic(0, seeded(1))
    const writer = new JuteWriter()
    writer.int(OpCode.setData)
    writer.bool(false)
    writer.int(-1)
    writer.string('/m')
    const watches = new JuteWriter()
    watches.long(0x1_0000_0007n)
    watches.vector(['/w'], (to, path) => to.string(path))
    const bodies: readonly (readonly [number, Uint8Array])[] = [
      [OpCode.multi, writer.finish()],
      [OpCode.ping, new Uint8Array(0)],
      [OpCode.getData, new Uint8Array([0, 0, 0, 99, 47])],
      [OpCode.getData, new Uint8Array([255, 255, 255, 255])],
      [OpCode.getData, new Uint8Array(2)],
      [OpCode.setWatches, watches.finish()],
    ]
    for (const [opCode, body] of bodies) {
      traffic.sample({ outstanding: 1, sampled: null }, opCode, body, 0, body.length)
    }
    deepStrictEqual(
      traffic.busiest('paths', 10, 1000).map(({ path, writes }) => [path, writes]),
      [['/m', 1]],
    )
  })

  test('has bounded memory, whatever is asked for', () => {
    const traffic = new Traffic(0, seeded(1))
    for (let i = 0; i < 5000; i++) asks(traffic, OpCode.getData, `/n${i}/x`)
    strictEqual(traffic.busiest('paths', 10_000, 1000).length, 300)
    strictEqual(traffic.busiest('prefixes', 10_000, 1000).length, 100)
    ok([...traffic.namespaces()].length <= 101)
  })
})
