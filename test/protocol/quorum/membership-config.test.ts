// The text of /zookeeper/config: what is printed reads back, and what nobody printed is refused.

import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { membershipText, readMembership } from '../../../protocol/quorum/membership-config.ts'

const TEXT = `server.1=a:2888:3888:participant;0.0.0.0:2181
server.2=10.0.0.2:2888:3888|[::2]:2889:3889:participant
server.3=c:2888:3888:observer
group.1=1:2
weight.1=2
weight.2=1
version=100000000`

describe('the text of a membership', () => {
  test('reads back as it was printed', () => {
    const config = readMembership(TEXT)
    strictEqual(membershipText(config), TEXT)
    strictEqual(config.version, 0x1_0000_0000n)
    deepStrictEqual(
      config.members.map(({ id, role, clientPort }) => [id, role, clientPort]),
      [
        [1, 'participant', 2181],
        [2, 'participant', null],
        [3, 'observer', null],
      ],
    )
  })

  const REFUSED = [
    '',
    'version=0',
    'server.1=a:2888:3888:observer\nversion=0',
    'server.1=a:2888\nversion=0',
    'server.99999999999999999999=a:1:2:participant',
    `${TEXT}\nversion=xyz`,
    `${TEXT}\nversion=11111111111111111`,
    `${TEXT}\ngroup.1=1:b`,
    `${TEXT}\nweight.1=-1`,
  ]
  for (const text of REFUSED) {
    test(`refuses ${JSON.stringify(text.slice(-40))}`, () => {
      throws(() => readMembership(text), MalformedError)
    })
  }
})
