// getChildrenPage at a server: every child once, whatever the size of a page; what is refused.

import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from '../../client/client.ts'
import { isZkError } from '../../client/zk-error.ts'
import { utf8Bytes } from '../../protocol/bytes/text.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { PAGE_CHILDREN_MAX } from '../../protocol/records/get-children-page.ts'
import { OwnServer } from '../support/own-server.ts'

const CHILDREN = 2500

function named(i: number): string {
  return `child-${i}`
}

describe('a page of children', () => {
  let server: OwnServer
  let client: Client

  before(async () => {
    server = await OwnServer.start()
    client = new Client({ servers: server.address })
    await client.create('/many', null)
    const made = Array.from({ length: CHILDREN }, (_, i) =>
      client.create(`/many/${named(i)}`, null),
    )
    await Promise.all(made)
    await client.create('/none', null)
  })
  after(async () => {
    await client.close()
    await server.stop()
  })

  for (const limit of [1000, 999, 7]) {
    test(`${limit} at a time are all of them`, async () => {
      const found: string[] = []
      for (let after: string | null = null; ; ) {
        const { children, stat, isLast } = await client.getChildrenPage('/many', after, limit)
        strictEqual(stat.numChildren, CHILDREN)
        ok(children.length <= limit)
        found.push(...children)
        if (isLast) break
        after = children.at(-1) ?? null
      }
      const wanted = Array.from({ length: CHILDREN }, (_, i) => named(i))
      deepStrictEqual(found.sort(), wanted.sort())
    })
  }

  test('of a node that has none is empty, and the last', async () => {
    const { children, isLast } = await client.getChildrenPage('/none', null, 10)
    deepStrictEqual([children, isLast], [[], true])
  })

  test('long names come fewer at a time', async () => {
    await client.create('/long', null)
    const name = (i: number): string => `${i}${'x'.repeat(100_000)}`
    for (let i = 0; i < 10; i++) await client.create(`/long/${name(i)}`, null)
    const { children, isLast } = await client.getChildrenPage('/long', null, 10)
    deepStrictEqual([children.length, isLast], [6, false])
  })

  const REFUSED: readonly (readonly [string, string, string | null, number, number])[] = [
    ['a limit of 0', '/many', null, 0, ErrorCode.badArguments],
    ['a limit that is too large', '/many', null, PAGE_CHILDREN_MAX + 1, ErrorCode.badArguments],
    ['behind what is no child', '/many', 'nobody', 10, ErrorCode.badArguments],
    ['behind nothing at all', '/many', '', 10, ErrorCode.badArguments],
    ['behind a grandchild', '/', `many/${named(1)}`, 10, ErrorCode.badArguments],
    ['of no node', '/nowhere', null, 10, ErrorCode.noNode],
    ['of one that may not be read', '/closed', null, 10, ErrorCode.noAuth],
  ]
  for (const [what, path, behind, limit, code] of REFUSED) {
    test(`is refused: ${what}`, async () => {
      if (path === '/closed') {
        const id = { scheme: 'digest', id: 'ann:hash' }
        await client.create(path, utf8Bytes('x'), { acl: [{ perms: 31, id }] })
      }
      await rejects(client.getChildrenPage(path, behind, limit), (error) =>
        isZkError(error, code as ErrorCode),
      )
    })
  }
})
