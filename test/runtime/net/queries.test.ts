// The network loop's questions to actors: part by part, so many at a time, and given up.

import { deepStrictEqual, rejects } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Query } from '../../../protocol/messages/queries.ts'
import { OPEN_MAX, Queries } from '../../../runtime/net/queries.ts'

function fixture() {
  const asked: [number, number][] = []
  const actor = { query: (id: number, kind: number) => void asked.push([id, kind]) }
  const queries = new Queries(() => {})
  const part = (id: number, text: string | null): void => {
    const bytes = Buffer.from(text ?? '')
    queries.answered(id, text === null, bytes, 0, bytes.length)
  }
  return { asked, actor, queries, part }
}

describe('questions to actors', () => {
  it('are answered part by part, each asked for when the one before was taken', async () => {
    const { asked, actor, queries, part } = fixture()
    const parts = queries.ask(actor, Query.sessions)
    const first = parts.next()
    part(1, 'one')
    deepStrictEqual(Buffer.from((await first).value!).toString(), 'one')
    deepStrictEqual(asked, [[1, Query.sessions]])
    const second = parts.next()
    part(1, null)
    deepStrictEqual((await second).done, true)
    deepStrictEqual(asked, [
      [1, Query.sessions],
      [1, Query.more],
    ])
  })

  it('are given up by who stops reading, and an answer that comes then is nobody’s', async () => {
    const { asked, actor, queries, part } = fixture()
    const parts = queries.ask(actor, Query.sessions)
    const first = parts.next()
    part(1, 'one')
    await first
    await parts.return(undefined)
    deepStrictEqual(asked.at(-1), [1, Query.forget])
    part(1, 'late')
    part(7, 'of another')
  })

  it('are so many at a time, those whose asker is slow among them', async () => {
    const { actor, queries, part } = fixture()
    const all = Array.from({ length: OPEN_MAX }, () => queries.ask(actor, Query.sessions))
    const firsts = all.map((parts) => parts.next())
    part(1, 'one')
    await firsts[0]
    await rejects(queries.ask(actor, Query.sessions).next(), /too many/)
    await all[0]!.return(undefined)
    void queries.ask(actor, Query.sessions).next()
    await rejects(queries.ask(actor, Query.sessions).next(), /too many/)
  })
})
