// What ps shows of a server.

import { strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MAIN_CLASS, titleOf } from '../../bin/process-title.ts'

describe('the title of the process', () => {
  const WHOLE = `ringkeeper ${MAIN_CLASS} /etc/zookeeper/conf/zoo.cfg`
  const SHORT = 'ringkeeper QuorumPeerMain /etc/zookeeper/conf/zoo.cfg'
  const CASES = [
    [WHOLE.length, WHOLE],
    [WHOLE.length - 1, SHORT],
    [SHORT.length, SHORT],
    [SHORT.length - 1, null],
  ] as const
  for (const [bytesMax, expected] of CASES) {
    test(`in ${bytesMax} bytes`, () => {
      strictEqual(titleOf(['/etc/zookeeper/conf/zoo.cfg'], bytesMax), expected)
    })
  }
  test('bytes count, not letters', () =>
    strictEqual(titleOf(['ä'], 'x QuorumPeerMain'.length), null))
})
