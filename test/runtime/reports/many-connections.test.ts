// Reports of 20,000 connections: each once, in parts of bounded size, and between two parts the event
// loop serves others.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { FOUR_LETTER_WORDS } from '../../../config/four-letter-names.ts'
import { encodeControl } from '../../../protocol/control.ts'
import { Query } from '../../../protocol/messages/queries.ts'
import type { ClientConnection } from '../../../runtime/net/client-connection.ts'
import { fourLetterWords } from '../../../runtime/net/words/four-letter-words.ts'
import { fakeConnection, fakeSource } from './fake-source.ts'

const COUNT = 20_000
const PART_CHARS_MAX = 64 * 1024

const ALL: readonly ClientConnection[] = Array.from({ length: COUNT }, (_, i) => {
  return fakeConnection(i + 1)
})

/** The tree and the session manager know nothing. */
async function* query(kind: number): AsyncGenerator<Uint8Array> {
  yield encodeControl(kind === Query.sessions ? [0, 0] : 0)
  yield encodeControl([])
}

async function partsOf(word: string, connections: () => Iterable<ClientConnection>) {
  const source = fakeSource({ connections, query }, { fourLetterWords: new Set(FOUR_LETTER_WORDS) })
  let rounds = 0
  let isOver = false
  const count = (): void => {
    rounds++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const parts: string[] = []
  const answer = await fourLetterWords(source)(word, new Uint8Array(0))
  ok(answer !== null && typeof answer !== 'string')
  for await (const part of answer) parts.push(part)
  isOver = true
  return { parts, rounds }
}

for (const [word, line] of [
  ['cons', /^ \/(10\.\d+\.\d+\.\d+):40000\[1\]\(queued=1,recved=2,sent=3,sid=0x/gm],
  ['stat', /^ \/(10\.\d+\.\d+\.\d+):40000\[1\]\(queued=1,recved=2,sent=3\)$/gm],
  ['dump', /^\tip: \/(10\.\d+\.\d+\.\d+):40000 sessionId: 0x/gm],
] as const) {
  test(`${word} of 20,000`, async (t) => {
    const { parts, rounds } = await partsOf(word, () => ALL)
    const largest = Math.max(...parts.map((part) => part.length))
    t.diagnostic(`${parts.length} parts, at most ${largest} characters, ${rounds} rounds`)
    ok(largest < PART_CHARS_MAX, `${largest}`)
    ok(rounds >= 100, `${rounds} rounds of the event loop`)
    const addresses = [...parts.join('').matchAll(line)].map((match) => match[1])
    deepStrictEqual([addresses.length, new Set(addresses).size], [COUNT, COUNT])
  })
}

test('dump: the counts are those of the lists, though connections come and go', async () => {
  const live = new Set(ALL)
  let seen = 0
  function* changing(): Generator<ClientConnection> {
    for (const connection of live) {
      yield connection
      if (++seen % 100 === 0) live.delete(ALL[seen + 50]!)
    }
  }
  const { parts } = await partsOf('dump', changing)
  const text = parts.join('').split('Connections dump:\n')[1] ?? ''
  const [, sets, all] = /^Connections Sets \((\d+)\)\/\((\d+)\):/.exec(text) ?? []
  const sizes = [...text.matchAll(/^(\d+) expire at /gm)].map((match) => Number(match[1]))
  strictEqual(Number(sets), sizes.length)
  strictEqual(
    Number(all),
    sizes.reduce((sum, size) => sum + size, 0),
  )
  strictEqual(text.match(/^\tip: /gm)?.length, Number(all))
})

test('who stops reading has the rest not made', async () => {
  let made = 0
  function* counted(): Generator<ClientConnection> {
    for (const connection of ALL) {
      made++
      yield connection
    }
  }
  const source = fakeSource({ connections: counted }, { fourLetterWords: new Set(['cons']) })
  const answer = await fourLetterWords(source)('cons', new Uint8Array(0))
  ok(answer !== null && typeof answer !== 'string')
  for await (const _ of answer) break
  ok(made < 1000, `${made}`)
})
