// From server, group and weight lines to the options of an ensemble: every written form, every
// refusal, and the text of /zookeeper/config.

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Configuration, ConfigurationError } from '../../config/configuration.ts'
import { type EnsembleOptions, ownMember } from '../../config/ensemble/ensemble.ts'
import { propertyOf } from '../../config/java/flags.ts'
import { ENSEMBLE_DEFAULTS } from '../../config/settings/registry.ts'
import { configurationFrom } from '../../config/zoo-cfg.ts'
import { membershipText } from '../../protocol/quorum/membership-config.ts'
import { parseServerLine } from '../../protocol/quorum/server-line.ts'

const LEAST = 'dataDir=/d\nclientPort=2181\ninitLimit=10\nsyncLimit=5\n'
const THREE = 'server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\n'

type Files = Readonly<Record<string, string>>

function read(
  text: string,
  files: Files = { '/d/myid': '1\n' },
  properties: Readonly<Record<string, string>> = {},
): Configuration {
  const sources = Object.entries(properties).map((entry) => propertyOf(entry, 'JVMFLAGS'))
  return configurationFrom({ path: 'zoo.cfg', text }, sources, (path) => {
    const content = files[path]
    if (content !== undefined) return content
    throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
  })
}

function ensembleOf(
  text: string,
  files?: Files,
  properties?: Readonly<Record<string, string>>,
): EnsembleOptions {
  const { ensemble } = read(LEAST + text, files, properties).options
  ok(ensemble !== null)
  return ensemble
}

function warningsOf(text: string): string {
  return read(LEAST + text)
    .remarks.filter(({ level }) => level === 'warn')
    .map(({ text }) => text)
    .join('\n')
}

function refusal(text: string, files?: Files): string {
  try {
    read(text, files)
  } catch (error) {
    ok(error instanceof ConfigurationError)
    return error.message
  }
  throw new Error(`accepted: ${text}`)
}

test('three server lines: an ensemble with ZooKeeper’s defaults', () => {
  const { options, remarks } = read(LEAST + THREE, { '/d/myid': '2' })
  const address = (host: string): unknown => [{ host, quorumPort: 2888, electionPort: 3888 }]
  const member = (id: number, host: string): unknown => ({
    id,
    role: 'participant',
    addresses: address(host),
    clientHost: null,
    clientPort: null,
  })
  deepStrictEqual(options.ensemble, {
    ...ENSEMBLE_DEFAULTS,
    initLimit: 10,
    syncLimit: 5,
    serverId: 2,
    standaloneEnabled: true,
    membership: {
      version: 0n,
      members: [member(1, 'a'), member(2, 'b'), member(3, 'c')],
      groups: new Map(),
      weights: new Map(),
    },
    peerType: 'participant',
  })
  strictEqual(
    membershipText((options.ensemble as EnsembleOptions).membership),
    'server.1=a:2888:3888:participant\nserver.2=b:2888:3888:participant\n' +
      'server.3=c:2888:3888:participant\nversion=0',
  )
  strictEqual(options.serverId, 2)
  strictEqual(options.clientPort, 2181)
  strictEqual(ownMember(options.ensemble as EnsembleOptions).addresses[0]?.host, 'b')
  deepStrictEqual(remarks, [])
  ok(Object.isFrozen(options) && Object.isFrozen(options.ensemble))
})

describe('server lines and how they are printed', () => {
  const CASES: readonly (readonly [line: string, printed: string])[] = [
    ['h:1:2', 'h:1:2:participant'],
    ['h:1:2:participant', 'h:1:2:participant'],
    ['h:1:2:OBSERVER', 'h:1:2:observer'],
    ['h:1:2;2181', 'h:1:2:participant;0.0.0.0:2181'],
    ['h:1:2:observer;x:2181', 'h:1:2:observer;x:2181'],
    [':1:2', 'localhost:1:2:participant'],
    ['[]:1:2:observer;2181', 'localhost:1:2:observer;0.0.0.0:2181'],
    ['h:1:2;:2181', 'h:1:2:participant;localhost:2181'],
    [' h:1:2 ; 2181 ', 'h:1:2:participant;0.0.0.0:2181'],
    ['h:1:2;', 'h:1:2:participant'],
    ['[::1]:1:2', '[::1]:1:2:participant'],
    ['[fe80::1%eth0]:1:2;[::]:3', '[fe80::1%eth0]:1:2:participant;[::]:3'],
    ['b:1:2|a:3:4', 'a:3:4|b:1:2:participant'],
    ['b:1:2:observer|a:3:4:observer;5', 'a:3:4|b:1:2:observer;0.0.0.0:5'],
    ['b:1:2|a:3:4:observer', 'a:3:4|b:1:2:observer'],
    ['[::2]:1:2|10.0.0.1:1:2', '10.0.0.1:1:2|[::2]:1:2:participant'],
  ]
  for (const [line, printed] of CASES) {
    test(line, () => {
      const member = parseServerLine(7, line)
      ok(member !== undefined)
      const none = new Map()
      const membership = { members: [member], groups: none, weights: none }
      strictEqual(
        membershipText({ ...membership, version: 0x1_0000_0000n }),
        `server.7=${printed}\nversion=100000000`,
      )
    })
  }

  const NONE = [
    '',
    ':',
    'h',
    'h:1',
    'h:1:1',
    'h:1:2:3',
    'h:0:2',
    'h:1:65536',
    'h:1:2:leader',
    'h:1:2;a:b:3',
    'h:1:2;3;4;5',
    'a:1:2|',
    'a:1:2:observer|b:1:2:participant',
    '[::1:1:2',
    '[:1:2',
    '::1:2',
    'h::2',
    'h:1:',
    '::1:1:2',
    'h:1:2;[::1]',
    'h:1:2;2181:2182',
  ]
  for (const line of NONE) {
    const wrong = line !== 'h:1:2;2181:2182'
    test(`"${line}" is ${wrong ? 'none' : 'a host of digits'}`, () => {
      strictEqual(parseServerLine(1, line) === undefined, wrong)
    })
  }

  test('any text at all is a line or none, soon', () => {
    const piece = fc.constantFrom(
      'h',
      ':',
      '|',
      ';',
      '[',
      ']',
      '1',
      '65535',
      '::1',
      'observer',
      ' ',
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 200 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(text, (line) => {
        const member = parseServerLine(1, line)
        if (member === undefined) return
        ok(member.addresses.length > 0)
        for (const { host, quorumPort, electionPort } of member.addresses) {
          ok(host !== '' && quorumPort > 0 && electionPort > 0 && quorumPort !== electionPort)
        }
        // What is printed reads back as the same member.
        const none = new Map()
        const members = [member]
        const printed = membershipText({ members, groups: none, weights: none, version: 0n })
        const again = parseServerLine(1, /=(.*)/.exec(printed)?.[1] ?? '')
        const byHost = [...member.addresses].sort((a, b) => (a.host < b.host ? -1 : 1))
        ok(again !== undefined)
        deepStrictEqual(
          again.addresses.map(({ host }) => host),
          byHost.map(({ host }) => host),
        )
        deepStrictEqual([again.role, again.clientPort], [member.role, member.clientPort])
      }),
      { numRuns: 2000 },
    )
    const long = `${'a:1:2|'.repeat(100_000)};`
    strictEqual(parseServerLine(1, long), undefined)
    strictEqual(parseServerLine(1, '['.repeat(1_000_000)), undefined)
  })
})

test('any membership at all is options or a refusal', () => {
  const lines = (names: readonly string[], values: readonly string[]): fc.Arbitrary<string> =>
    fc
      .tuple(
        fc.constantFrom(...names),
        fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...values) }, fc.string()),
      )
      .map(([name, text]) => `${name}=${text}\n`)
  const text = fc
    .tuple(
      fc.constantFrom('', THREE),
      fc.array(
        fc.oneof(
          lines(['server.3', 'server.4', 'server.', 'server.1'], ['d:1:2', 'e:3:4:observer;5']),
          lines(['group.1', 'group.2', 'group'], ['1:2:3', '1:2', '3', '3:4']),
          lines(['weight.1', 'weight.3', 'weight'], ['0', '1', '2', '-1']),
          lines(['peerType', 'standaloneEnabled'], ['observer', 'false', 'true']),
        ),
        { maxLength: 4 },
      ),
    )
    .map(([all, more]) => all + more.join(''))
  const id = fc.oneof(fc.constantFrom('1', '2', '3'), fc.string())
  const found = { ensembles: 0, groups: 0, refusals: 0 }
  fc.assert(
    fc.property(text, id, (text, myid) => {
      try {
        const { ensemble } = read(LEAST + text, { '/d/myid': myid }).options
        if (ensemble === null) return
        found.ensembles++
        ok(ensemble.membership.members.some((member) => member.id === ensemble.serverId))
        const voters = ensemble.membership.members.filter(({ role }) => role === 'participant')
        const grouped = [...ensemble.membership.groups.values()].flat().sort()
        if (grouped.length === 0) return
        found.groups++
        const ids = voters.map(({ id }) => id)
        // With a weight, an id that does not vote may be in a group (a warning says so).
        deepStrictEqual(
          grouped.filter((id) => ids.includes(id)),
          ids,
        )
      } catch (error) {
        ok(error instanceof ConfigurationError && error.message.length > 0, String(error))
        found.refusals++
      }
    }),
    { numRuns: 5000 },
  )
  for (const [what, count] of Object.entries(found)) ok(count > 0, `${what}: ${count}`)
})

describe('the text of /zookeeper/config', () => {
  test('groups and weights, as QuorumHierarchical', () => {
    const ensemble = ensembleOf(
      'server.2=b:1:2;127.0.0.1:2182\nserver.3=c:1:2:observer;2183\nserver.1=a:1:2;2181\n' +
        'group.1=2:1\nweight.1=2\n',
    )
    strictEqual(
      membershipText(ensemble.membership),
      'server.1=a:1:2:participant;0.0.0.0:2181\nserver.2=b:1:2:participant;127.0.0.1:2182\n' +
        'server.3=c:1:2:observer;0.0.0.0:2183\ngroup.1=1:2\nweight.1=2\nweight.2=1\nversion=0',
    )
    deepStrictEqual([...ensemble.membership.groups], [[1, [2, 1]]])
    deepStrictEqual([...ensemble.membership.weights], [[1, 2]])
  })

  test('the order is that of a Java hash table', () => {
    const order = (ids: readonly number[]): number[] => {
      const lines = ids.map((id) => `server.${id}=h${id}:1:2`).join('\n')
      const { membership } = ensembleOf(lines, { '/d/myid': String(ids[0]) })
      return [...membershipText(membership).matchAll(/^server\.(\d+)/gm)].map(([, id]) =>
        Number(id),
      )
    }
    deepStrictEqual(order([1, 17, 16, 40, 5]), [16, 1, 17, 5, 40])
    const many = Array.from({ length: 13 }, (_, i) => i + 20)
    deepStrictEqual(order(many), [32, ...many.slice(0, 12)])
  })

  const VERSIONS: readonly (readonly [string, bigint])[] = [
    ['/c/zoo.cfg.dynamic', 0n],
    ['/c/zoo.cfg.dynamic.100000000', 0x1_0000_0000n],
    ['/c/zoo.cfg.dynamic.fffffffffffffff', 0xfff_ffff_ffff_ffffn],
    ['/c/zoo.cfg.dynamic.ffffffffffffffff', 0n],
    ['/c/plain', 0n],
  ]
  for (const [path, version] of VERSIONS) {
    test(`the version of ${path}`, () => {
      const files = { '/d/myid': '3', [path]: THREE }
      const ensemble = ensembleOf(`dynamicConfigFile=${path}`, files)
      strictEqual(ensemble.membership.version, version)
      match(membershipText(ensemble.membership), new RegExp(`\nversion=${version.toString(16)}$`))
    })
  }
})

describe('where clients connect', () => {
  const CASES: readonly (readonly [string, string, number, string | null])[] = [
    ['clientPort=2181', 'a:1:2', 2181, null],
    ['clientPort=2181\nclientPortAddress=10.0.0.1', 'a:1:2', 2181, '10.0.0.1'],
    ['', 'a:1:2;2182', 2182, null],
    ['', 'a:1:2;10.0.0.1:2182', 2182, '10.0.0.1'],
    ['clientPort=2182', 'a:1:2;10.0.0.1:2182', 2182, '10.0.0.1'],
    ['clientPort=2182\nclientPortAddress=0.0.0.0', 'a:1:2;[::1]:2182', 2182, '::1'],
    ['clientPort=2182\nclientPortAddress=127.0.0.1', 'a:1:2;localhost:2182', 2182, 'localhost'],
  ]
  for (const [text, line, port, address] of CASES) {
    test(`${text} with ${line}`, () => {
      const all = `dataDir=/d\ninitLimit=1\nsyncLimit=1\n${text}\nserver.1=${line}\nserver.2=b:1:2\n`
      const { clientPort, clientPortAddress } = read(all).options
      deepStrictEqual([clientPort, clientPortAddress], [port, address])
    })
  }
})

test('a member may have no clients, as with ZooKeeper; a server on its own may not', () => {
  const alone = 'dataDir=/d\ninitLimit=1\nsyncLimit=1\n'
  const { options, remarks } = read(alone + THREE)
  strictEqual(options.clientPort, -1)
  match(remarks[0]?.text ?? '', /clientPort is not set: this member votes/)
  match(refusal(alone), /clientPort is not set$/)
})

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
