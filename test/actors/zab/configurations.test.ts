// Which configuration counts, whatever is told, logged and cut.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Configurations } from '../../../actors/zab/configurations.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { utf8, utf8Bytes } from '../../../protocol/bytes/text.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { readMembership } from '../../../protocol/quorum/membership-config.ts'
import { writeTxnHeader } from '../../../protocol/txn.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import { membershipOf, type Roster } from '../../support/membership.ts'
import { z } from './ensemble-recorder.ts'

function text(voters: readonly number[], zxid: Zxid): string {
  return membershipOf({ voters: [...voters], version: BigInt(zxid) }).text
}

function reconfig(voters: readonly number[], zxid: Zxid): Uint8Array {
  const writer = new JuteWriter(256)
  const type = OpCode.reconfig
  writeTxnHeader(writer, { sessionId: 1n as never, cxid: 0, zxid, timeMs: 0, type })
  writer.string('/zookeeper/config')
  writer.buffer(utf8Bytes(text(voters, zxid)))
  writer.int(-1)
  return writer.finish()
}

/** In force, what is next, and what has been asked to be written since the last look. */
function bench(first: Roster = { voters: [1, 2, 3], version: BigInt(z('1.0')) }, enabled = true) {
  const saved: string[] = []
  const configs = new Configurations(membershipOf(first), enabled, {
    log: {
      saveConfig: (which, bytes, start, end) => {
        const config = start === end ? null : readMembership(utf8(bytes, start, end))
        saved.push(`${which} ${config?.members.map(({ id }) => id).join('') ?? 'gone'}`)
      },
    },
    journal: { log: () => undefined },
    links: { configured: () => undefined },
    election: { configured: () => undefined, proposed: () => undefined },
    changed: () => undefined,
  })
  return {
    configs,
    propose: (voters: readonly number[], zxid: string) => {
      const txn = reconfig(voters, z(zxid))
      configs.proposed(txn, 0, txn.length)
    },
    now: () => {
      const { config, next } = configs.membership
      const ids = ({ members }: typeof config): string => members.map(({ id }) => id).join('')
      return [ids(config), next === null ? null : ids(next), ...saved.splice(0)]
    },
  }
}

describe('configurations', () => {
  test('a proposed one is next, and in force once it is committed', () => {
    const { configs, propose, now } = bench()
    propose([3, 4, 5], '1.7')
    deepStrictEqual(now(), ['123', '345', 'next 345'])
    strictEqual(configs.pending, z('1.7'))
    configs.committed(z('1.6'))
    deepStrictEqual(now(), ['123', '345'])
    configs.committed(z('1.7'))
    deepStrictEqual(now(), ['345', null, 'current 345'])
    strictEqual(configs.activated.has(z('1.7')), true)
  })

  test('a later one is proposed only when the one before is committed, so it is', () => {
    const { propose, now } = bench()
    propose([3, 4, 5], '1.7')
    propose([6], '1.9')
    deepStrictEqual(now(), ['345', '6', 'next 345', 'current 345', 'next 6'])
  })

  test('what is cut off the log is not next any more; what is before the cut stays', () => {
    const { configs, propose, now } = bench()
    propose([3, 4, 5], '1.7')
    configs.cut(z('1.7'))
    deepStrictEqual(now(), ['123', '345', 'next 345'])
    configs.cut(z('1.6'))
    deepStrictEqual(now(), ['123', null, 'next gone'])
  })

  test('a load tells the last two of a log: the older is committed, both count', () => {
    const { configs, now } = bench()
    configs.reset()
    configs.held(text([3, 4, 5], z('1.7')))
    configs.held(text([6, 7], z('2.2')))
    deepStrictEqual(now(), ['345', '67', 'current 345'])
    configs.held(text([3, 4, 5], z('1.7')))
    deepStrictEqual(now(), ['345', '67'])
  })

  test('what came late from the tree is still older than what is next', () => {
    const { configs, propose, now } = bench()
    configs.cut(ZXID_NONE)
    propose([6, 7], '2.2')
    now()
    configs.held(text([3, 4, 5], z('1.7')))
    deepStrictEqual(now(), ['345', '67', 'current 345'])
  })

  test('what others have in force is taken over, and ends what was next before it', () => {
    const { configs, propose, now } = bench()
    propose([3, 4, 5], '1.7')
    now()
    configs.learned(readMembership(text([4, 5], z('1.9'))))
    deepStrictEqual(now(), ['45', null, 'current 45'])
    configs.learned(readMembership(text([3, 4, 5], z('1.7'))))
    deepStrictEqual(now(), ['45', null])
  })

  test('NEWLEADER’s is in force if it is committed or only names an epoch, and not otherwise', () => {
    const { configs, now } = bench()
    configs.offered(text([7], z('2.5')), z('2.4'), 3)
    deepStrictEqual(now(), ['123', null])
    configs.offered(text([1, 2, 3, 4], z('2.4')), z('2.4'), 3)
    deepStrictEqual(now(), ['1234', null, 'current 1234'])
    configs.offered(text([1, 2, 3, 4], z('3.0')), z('2.4'), 3)
    strictEqual(configs.version, BigInt(z('3.0')))
    const late = bench({ voters: [1, 2, 3, 4], version: 0n }).configs
    late.offered(text([1, 2, 3], z('2.0')), z('0.0'), 3)
    strictEqual(late.version, BigInt(z('2.0')))
    late.offered(text([1, 2, 3], z('4.0')), z('2.4'), 3)
    strictEqual(late.version, BigInt(z('2.0')))
  })

  test('the first leader gives the members of the files a version, and nobody later', () => {
    const { configs } = bench({ voters: [1, 2, 3], version: 0n })
    configs.begin(5)
    strictEqual(configs.membership.newest.version, BigInt(z('5.0')))
    configs.cut(z('4.9'))
    strictEqual(configs.membership.next, null)
    configs.begin(6)
    configs.committed(z('6.0'))
    strictEqual(configs.version, BigInt(z('6.0')))
    configs.begin(7)
    strictEqual(configs.membership.next, null)
  })

  test('without reconfigEnabled transactions change nothing', () => {
    const { configs, propose, now } = bench({ voters: [1, 2, 3], version: 0n }, false)
    propose([3, 4, 5], '1.7')
    configs.begin(5)
    deepStrictEqual(now(), ['123', null])
    strictEqual(configs.version, 0n)
  })
})
