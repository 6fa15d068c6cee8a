// From server, group and weight lines to the options of an ensemble: every written form, and the text of
// /zookeeper/config.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ConfigurationError } from '../../config/configuration.ts'
import { type EnsembleOptions, ownMember } from '../../config/ensemble/ensemble.ts'
import { ENSEMBLE_DEFAULTS } from '../../config/settings/registry.ts'
import { membershipText } from '../../protocol/quorum/membership-config.ts'
import { parseServerLine } from '../../protocol/quorum/server-line.ts'
import { ensembleOf, LEAST, read, refusal, THREE } from './ensemble-fixture.ts'

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
