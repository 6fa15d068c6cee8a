// What an ensemble may be, which of its servers this is, and its settings: every refusal, and every warning.

import { deepStrictEqual, doesNotMatch, match, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EnsembleOptions } from '../../config/ensemble/ensemble.ts'
import { membershipText } from '../../protocol/quorum/membership-config.ts'
import { ensembleOf, LEAST, read, refusal, THREE, warningsOf } from './ensemble-fixture.ts'

describe('which server this is', () => {
  const CASES: readonly (readonly [string, RegExp])[] = [
    ['', /^\/d\/myid: holds "": it must hold this server's id, one of those in/],
    ['x', /^\/d\/myid: holds "x": .*\(1, 2, 3\)$/],
    ['0', /holds "0"/],
    ['4', /holds "4": .* one of those in the server lines \(1, 2, 3\)$/],
    ['1004', /holds "1004"/],
    ['1e0', /holds "1e0"/],
    ['-1', /holds "-1"/],
    ['\u0000'.repeat(1000), /\.\.\.": it must hold/],
    [`${'9'.repeat(1_000_000)}`, /holds "9{40}\.\.\."/],
  ]
  for (const [text, expected] of CASES) {
    test(`myid ${JSON.stringify(text.slice(0, 10))}`, () => {
      match(refusal(LEAST + THREE, { '/d/myid': text }), expected)
    })
  }
  for (const text of ['3', '3\n', ' 3 \r\nsecond line', '03']) {
    test(`myid ${JSON.stringify(text)}`, () => {
      strictEqual(ensembleOf(THREE, { '/d/myid': text }).serverId, 3)
    })
  }
  test('no file', () => match(refusal(LEAST + THREE, {}), /^\/d\/myid: is missing: it must hold/))

  const IDS: readonly (readonly [ids: readonly number[], order: readonly number[]])[] = [
    [
      [0, 1, 2],
      [0, 1, 2],
    ],
    [
      [1001, 1002, 1003],
      [1001, 1002, 1003],
    ],
    [
      [254, 256, 300],
      [256, 300, 254],
    ],
    // As Java's Long.hashCode has it.
    [
      [0, 2 ** 32, 2 ** 53 - 1],
      [0, 2 ** 53 - 1, 2 ** 32],
    ],
  ]
  for (const [ids, order] of IDS) {
    test(`ids ${ids.join(', ')}: in myid, server, group and weight lines`, () => {
      const lines = ids.map((id, i) => `server.${id}=h${i}:1:2\nweight.${id}=2\n`).join('')
      for (const id of ids) {
        const text = `${lines}group.1=${ids.join(':')}\n`
        const ensemble = ensembleOf(text, { '/d/myid': `${id}\n` })
        strictEqual(ensemble.serverId, id)
        deepStrictEqual(ensemble.membership.groups.get(1), ids)
        deepStrictEqual(
          [...ensemble.membership.weights.keys()].sort((a, b) => a - b),
          ids,
        )
        const printed = [...membershipText(ensemble.membership).matchAll(/^server\.(\d+)/gm)]
        deepStrictEqual(
          printed.map(([, text]) => Number(text)),
          order,
        )
      }
    })
  }

  test('with extended types it is 254 at most; two that end in one byte are told so', () => {
    const lines = 'server.1=a:1:2\nserver.255=b:1:2\nserver.257=c:1:2\n'
    const extended = `${LEAST}extendedTypesEnabled=true\n${lines}`
    match(refusal(extended, { '/d/myid': '255' }), /this server's id is 255: .* larger than 254/)
    strictEqual(read(extended, { '/d/myid': '1' }).options.serverId, 1)
    match(warningsOf(lines), /server\.1 and server\.257 give session ids from the same range/)
  })
})

describe('what an ensemble may be', () => {
  test('one server alone is none, unless it is asked for', () => {
    strictEqual(read(`${LEAST}server.1=a:1:2`).options.ensemble, null)
    const text = 'standaloneEnabled=false\nserver.1=a:1:2'
    strictEqual(ensembleOf(text).membership.members.length, 1)
    match(warningsOf(text), /no server failure will be tolerated.*\(there is 1\)/)
    strictEqual(ensembleOf(`${text}\nserver.2=b:1:2:observer`).membership.members.length, 2)
  })

  test('two servers and even numbers are warned of', () => {
    const two = 'server.1=a:1:2\nserver.2=b:1:2\n'
    match(warningsOf(two), /no server failure will be tolerated.*\(there are 2\)/)
    match(warningsOf(`${THREE}server.4=d:1:2`), /4 participants tolerate no more failures than 3/)
    strictEqual(warningsOf(THREE), '')
    strictEqual(warningsOf(`${THREE}server.4=d:1:2:observer`), '')
  })

  test('the line says what a server is, peerType does not', () => {
    const { peerType } = ensembleOf(`${THREE}server.4=d:1:2:observer\npeerType=observer`)
    strictEqual(peerType, 'participant')
    match(warningsOf(`${THREE}peerType=observer`), /server\.1 says participant, and that counts/)
    const observer = { '/d/myid': '4' }
    const text = `${THREE}server.4=d:1:2:observer\n`
    strictEqual(ensembleOf(text, observer).peerType, 'observer')
    strictEqual(read(`${LEAST}${text}peerType=observer`, observer).remarks.length, 0)
  })

  const REFUSED: readonly (readonly [string, RegExp])[] = [
    ['server.1=a:1:2\nserver.2=b:1:2:observer', /a single participant cannot have observers \(2\)/],
    ['server.1=a:1:2:observer\nserver.2=b:1:2:observer', /an observer needs participants/],
    ['standaloneEnabled=false', /standaloneEnabled=false, but there is no server\.N line/],
    ['server.1=a:1:2\nserver.01=b:1:2', /zoo\.cfg:6: server\.01: server 1 is defined already/],
    ['server.-1=a:1:2\nserver.1=b:1:2', /zoo\.cfg:5: server\.-1: the id must be a whole number/],
    ['server.x=a:1:2', /server\.x: the id must be a whole number from 0 to 9007199254740991/],
    ['server.9007199254740992=a:1:2', /the id must be a whole number from 0 to 9007199254740991/],
    [`group.1=1:2:9007199254740992\n${THREE}`, /must be group\.N=id:id:\.\.\., an id a whole/],
    [`weight.9007199254740992=1\n${THREE}`, /must be weight\.ID=number, the id a whole number/],
    ['server.1=a:1:2;2182\nserver.2=b:1:2', /clientPort=2181, but the server line says 2182/],
    ['server.1=a:1:2181\nserver.2=b:1:2', /port 2181 cannot serve both clients and peers/],
    [`clientPortAddress=10.0.0.1\nserver.1=a:1:2;2181\nserver.2=b:1:2`, /line says 0\.0\.0\.0/],
    ['server.1=a:1:2|b:1:2\nserver.2=c:1:2', /server\.1 has 2 addresses: set multiAddress/],
    [`quorum.auth.enableSasl=true\n${THREE}`, /must name a JAAS file with a section QuorumServer/],
    [
      `quorum.auth.learnerRequireSasl=true\n${THREE}`,
      /learnerRequireSasl=true: needs .*enableSasl/,
    ],
    [
      `quorum.auth.enableSasl=true\nquorum.auth.serverRequireSasl=true\n${THREE}`,
      /serverRequireSasl=true: needs quorum\.auth\.learnerRequireSasl=true/,
    ],
    [`ringkeeper.heartbeatMs=500\n${THREE}`, /silenceMs 500 must be more than .*heartbeatMs 500/],
    [`fastleader.finalizeWaitMs=201\n${THREE}`, /must be a whole number from 0 to 200/],
    ['dynamicConfigFile=/x\ngroup.1=1', /server lines belong in \/x/],
    [`group1=1:2:3\n${THREE}`, /group1=1:2:3: must be group\.N=id:id/],
    [`group.1=1::3\n${THREE}`, /must be group\.N/],
    [`group.1=1:2\n${THREE}`, /server 3 is in no group/],
    [`weight.1=2\n${THREE}`, /server 1 is in no group/],
    [`group.1=1:2:3:4\n${THREE}`, /group\.1: server 4 is not there and never votes$/],
    [`group.1=1:2\ngroup.2=2:3\n${THREE}`, /group\.2: server 2 is in group\.1 too/],
    [`group.1=1:2:3:3\n${THREE}`, /server 3 is twice in group\.1/],
    [`group.1=1:2:3:4\nserver.4=d:1:2:observer\n${THREE}`, /server 4 is an observer/],
    [`group.1=1:2:3\nweight.1=-1\n${THREE}`, /weight\.1=-1: must be a whole number from 0/],
    [`group.1=1:2:3\nweight.1=0x10\n${THREE}`, /must be a whole number/],
    [`group.1=1:2:3\nweight.1=9007199254740992\n${THREE}`, /from 0 to 9007199254740991$/],
    [`group.1=1:2:3\nweight.1=9007199254740990\n${THREE}`, /group\.1: the weights are too large/],
    [`group.1=1:2:3\nweight.1=0\nweight.2=0\nweight.3=0\n${THREE}`, /every weight is 0/],
  ]
  for (const [text, expected] of REFUSED) {
    test(text.replaceAll('\n', ' '), () => match(refusal(LEAST + text), expected))
  }

  test('of two lines for one server the last counts, as with ZooKeeper, and that is said', () => {
    const text = `${THREE}server.1=x:1:2`
    strictEqual(ensembleOf(text).membership.members[0]?.addresses[0]?.host, 'x')
    match(warningsOf(text), /server\.1 is set again \(before: line \d\); x:1:2 counts/)
  })

  test('what an ensemble cannot do without', () => {
    match(refusal(`dataDir=/d\nclientPort=1\nsyncLimit=1\n${THREE}`), /initLimit is not set/)
    match(refusal(`dataDir=/d\nclientPort=1\ninitLimit=1\nsyncLimit=0\n${THREE}`), /syncLimit is/)
    match(refusal(`${LEAST}initLimit=-1\n${THREE}`), /initLimit -1 must be 1 or more/)
    doesNotMatch(refusal(`clientPort=1\ninitLimit=1\nsyncLimit=1\n${THREE}`), /myid/)
  })
})

describe('settings of an ensemble', () => {
  test('keys and properties', () => {
    const ensemble = ensembleOf(
      'connectToLearnerMasterLimit=3\nquorumListenOnAllIPs=true\nmultiAddress.enabled=true\n' +
        `leaderServes=no\nlocalSessionsEnabled=true\ncommitLogCount=700\nsnapshotSizeFactor=-1\n${THREE}`,
      undefined,
      {
        'zookeeper.electionPortBindRetry': '0',
        'zookeeper.cnxTimeout': '100',
        'zookeeper.fastleader.finalizeWaitMs': '200',
        'zookeeper.fastleader.minNotificationInterval': '10',
        'zookeeper.fastleader.maxNotificationInterval': '20',
        'zookeeper.ringkeeper.heartbeatMs': '5',
        'zookeeper.ringkeeper.silenceMs': '6',
      },
    )
    const expected: Partial<EnsembleOptions> = {
      connectToLearnerMasterLimit: 3,
      quorumListenOnAllIPs: true,
      multiAddressEnabled: true,
      leaderServes: false,
      localSessionsEnabled: true,
      commitLogCount: 700,
      snapshotSizeFactor: -1,
      electionPortBindRetry: 0,
      cnxTimeoutMs: 100,
      finalizeWaitMs: 200,
      minNotificationIntervalMs: 10,
      maxNotificationIntervalMs: 20,
      heartbeatMs: 5,
      silenceMs: 6,
    }
    for (const [name, value] of Object.entries(expected)) {
      deepStrictEqual(ensemble[name as keyof EnsembleOptions], value, name)
    }
  })

  const REMARKS: readonly (readonly [string, RegExp])[] = [
    [
      'observerMasterPort=2191',
      /observerMasterPort has no effect: observers learn from the leader/,
    ],
    ['localSessionsEnabled=true', /localSessionsEnabled only has an effect in read-only mode/],
    ['oraclePath=/o', /oraclePath is not supported/],
    ['syncEnabled=false', /syncEnabled has no effect: observers always keep a log/],
    ['syncEnabled=true', /^$/],
  ]
  test('a group may have one that never votes, if it has a weight', () => {
    const text = `group.1=1:2:3:4\nweight.4=2\n${THREE}`
    match(
      warningsOf(text),
      /group\.1: server 4 is not there and never votes, but its weight counts/,
    )
    deepStrictEqual([...ensembleOf(text).membership.groups], [[1, [1, 2, 3, 4]]])
    const observer = `${text}server.4=d:1:2:observer`
    match(warningsOf(observer), /server 4 is an observer and never votes, but its weight counts/)
  })

  test('two servers on one port are warned of: the others may do without them', () => {
    match(
      warningsOf('server.1=a:1:2\nserver.2=A:2:3'),
      /server\.2: a port 2 belongs to server\.1 already/,
    )
    match(
      warningsOf('server.1=a:1:2;a:2181\nserver.2=a:2181:6'),
      /a port 2181 belongs to server\.1/,
    )
  })

  test('a group may have any number that an id may have', () => {
    const { membership } = ensembleOf(`group.99999999999=1:2:3\n${THREE}`)
    match(membershipText(membership), /\ngroup\.99999999999=1:2:3\n/)
  })

  // As QuorumHierarchical.toString of 3.8 prints them.
  for (const [written, printed] of [
    ['2147483648', '2147483648'],
    ['9007199254740989', '9007199254740989'],
    ['+2', '2'],
    ['007', '7'],
  ]) {
    test(`a weight of ${written}`, () => {
      const { membership } = ensembleOf(`group.1=1:2:3\nweight.1=${written}\n${THREE}`)
      match(membershipText(membership), new RegExp(`\ngroup.1=1:2:3\nweight.1=${printed}\n`))
    })
  }

  test('an empty host is this machine, as with ZooKeeper, and that is said', () => {
    const text = 'server.1=:2888:3888\nserver.2=localhost:2889:3889\n'
    strictEqual(ensembleOf(text).membership.members[0]?.addresses[0]?.host, 'localhost')
    match(
      warningsOf(text),
      /server\.1=:2888:3888: an empty host means localhost, as with ZooKeeper/,
    )
    doesNotMatch(warningsOf(THREE), /empty host/)
  })

  test('the weight of nobody is no more than a remark, as with ZooKeeper', () => {
    match(warningsOf(`group.1=1:2:3\nweight.9=1\n${THREE}`), /weight\.9: there is no server\.9/)
  })

  for (const [text, expected] of REMARKS) {
    test(text, () => match(warningsOf(`${text}\n${THREE}`), expected))
  }

  test('the others are named once, and a server on its own says what they are for', () => {
    const infos = (text: string): string[] =>
      read(`${LEAST}${text}`)
        .remarks.filter(({ level }) => level === 'info')
        .map(({ text }) => text)
    const text = 'leaderServes=yes\nquorumCnxnTimeoutMs=5\nsslQuorum=false\n'
    deepStrictEqual(infos(text + THREE), ['have no effect here: quorumCnxnTimeoutMs'])
    deepStrictEqual(infos(text), [
      'only matter in an ensemble: initLimit, leaderServes, quorumCnxnTimeoutMs, syncLimit',
    ])
  })
})
