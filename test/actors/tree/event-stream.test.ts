// What keeps a reply behind the events it must follow: a mark in both streams, and none where nothing
// can be watched.

import { deepStrictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { OpCode } from '../../../protocol/op-code.ts'
import { Bench, create, get, multi, set } from './fixture.ts'

function serving(watched: boolean): Bench {
  const bench = Bench.serving({}, watched)
  bench.connect(1)
  bench.create(1, '/a')
  bench.tree.endTurn()
  bench.taken()
  return bench
}

/** The streams without the numbers of the marks. */
function sent(bench: Bench): string[] {
  return bench.stream.map((name) => name.replace(/ \d+$/, ''))
}

describe('event stream', () => {
  it('a change that may be watched is followed by a mark, then by the reply', () => {
    const bench = serving(true)
    bench.send(1, set('/a', 'x'))
    deepStrictEqual(sent(bench), ['changed', 'barrier', 'after', 'reply'])
  })

  it('several changes need one mark', () => {
    const bench = serving(true)
    bench.send(1, multi(set('/a', 'x'), create('/b'), create('/c')))
    deepStrictEqual(sent(bench), ['changed', 'changed', 'changed', 'barrier', 'after', 'reply'])
  })

  it('both streams carry the same mark, and a new one each time', () => {
    const bench = serving(true)
    bench.send(1, set('/a', 'x'))
    bench.send(1, set('/a', 'y'))
    const marks = bench.stream.filter((name) => /^(barrier|after)/.test(name))
    const numbers = marks.map((name) => Number(name.split(' ')[1]))
    deepStrictEqual([numbers[0], numbers[2]], [numbers[1], numbers[3]])
    deepStrictEqual(numbers[2]! - numbers[0]!, 1)
  })

  it('nothing is told where nobody watches', () => {
    const bench = serving(false)
    bench.send(1, set('/a', 'x'))
    bench.send(1, create('/a/b'))
    deepStrictEqual(sent(bench), ['reply', 'reply'])
  })

  it('a registered path and its parent are told, others are not', () => {
    const bench = serving(false)
    bench.create(1, '/other')
    bench.send(1, get('/a', true))
    bench.taken()
    bench.send(1, set('/other', 'x'))
    bench.send(1, set('/a', 'x'))
    bench.send(1, create('/a/b'))
    deepStrictEqual(sent(bench), [
      'reply',
      ...['changed', 'barrier', 'after', 'reply'],
      ...['changed', 'barrier', 'after', 'reply'],
    ])
  })

  it('removeWatches is answered behind a mark', () => {
    const bench = serving(false)
    bench.send(1, { type: OpCode.removeWatches, path: '/a', watcherType: 3 })
    deepStrictEqual(sent(bench), ['removeWatches', 'barrier', 'after', 'replyWatchResult'])
  })

  it('the end of a turn marks what no reply followed', () => {
    const bench = serving(true)
    const id = bench.connect(2)
    bench.create(2, '/e', { flags: 1 })
    bench.tree.closed(2)
    bench.tree.endTurn()
    bench.taken()
    bench.turning = false
    bench.deliver(() => bench.tree.expire(id))
    deepStrictEqual(sent(bench), ['changed'])
    bench.tree.endTurn()
    deepStrictEqual(sent(bench), ['changed', 'barrier', 'after'])
    bench.tree.endTurn()
    deepStrictEqual(sent(bench).length, 3, 'once')
  })

  it('a tree that waits for room marks what it has told, so that the events are taken', () => {
    const bench = serving(true)
    const id = bench.connect(2)
    bench.create(2, '/e', { flags: 1 })
    bench.tree.closed(2)
    bench.tree.endTurn()
    bench.taken()
    bench.turning = false
    bench.deliver(() => bench.tree.expire(id))
    bench.tree.whileBlocked()
    bench.tree.whileBlocked()
    deepStrictEqual(sent(bench), ['changed', 'barrier', 'after'])
  })
})
