// The shell's texts and little languages, each by a table of cases.

import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { parseConnectString } from '../../../client/connect-string.ts'
import type { Terminal } from '../../../client/shell/commands/command.ts'
import { CommandError } from '../../../client/shell/commands/command-error.ts'
import { connectStringOf } from '../../../client/shell/commands/config-commands.ts'
import { type OptionSpec, parseOptions } from '../../../client/shell/commands/option-parser.ts'
import { parseShellArguments } from '../../../client/shell/shell-arguments.ts'
import { idText, parseAcls, permsText } from '../../../client/shell/text/acl-text.ts'
import { base64Text, hexDump, plainText } from '../../../client/shell/text/data-text.ts'
import { errorText } from '../../../client/shell/text/error-text.ts'
import { parseQuota, quotaText } from '../../../client/shell/text/quota-text.ts'
import { dateText } from '../../../client/shell/text/stat-text.ts'
import { tokenize } from '../../../client/shell/tokenizer.ts'
import { ZkError } from '../../../client/zk-error.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'

const OPTIONS: readonly OptionSpec[] = [
  { name: 's', takesValue: false },
  { name: 'w', takesValue: false },
  { name: 'v', takesValue: true },
  { name: 'add', takesValue: true },
  { name: 'n', takesValue: true, group: 'limit' },
  { name: 'b', takesValue: true, group: 'limit' },
]

function terminal(): Terminal & { errors: string[] } {
  const errors: string[] = []
  return { errors, out: () => {}, err: (line) => errors.push(line) }
}

test('lines are cut at spaces; quotes keep them', () => {
  deepStrictEqual(tokenize('  ls   /a '), ['ls', '/a'])
  deepStrictEqual(tokenize('create "/a b" \'c "d"\' e"f'), ['create', '/a b', 'c "d"', 'e"f'])
  deepStrictEqual(tokenize('create /a ""'), ['create', '/a', ''])
  deepStrictEqual(tokenize('   '), [])
})

test('options stand anywhere, alone, together, or with their value', () => {
  const cases: [string[], string[], Record<string, string | null>][] = [
    [['/a', '-s', 'x'], ['/a', 'x'], { s: '', w: null }],
    [['-sw', '/a'], ['/a'], { s: '', w: '' }],
    [['-v', '3', '/a'], ['/a'], { v: '3' }],
    [['-v', '-1', '/a'], ['/a'], { v: '-1' }],
    [['-v3', '/a'], ['/a'], { v: '3' }],
    [['-v=3', '/a'], ['/a'], { v: '3' }],
    [['-add', 'server.1=a:1:2;3'], [], { add: 'server.1=a:1:2;3' }],
    [['--', '-s', '-'], ['-s', '-'], { s: null }],
  ]
  for (const [tokens, positionals, values] of cases) {
    const parsed = parseOptions(OPTIONS, tokens)
    deepStrictEqual(parsed.positionals, positionals)
    for (const [name, value] of Object.entries(values)) strictEqual(parsed.value(name), value)
  }
})

test('what is no option, lacks its value or contradicts another is an error', () => {
  for (const tokens of [['-z'], ['-v'], ['-v', '-s'], ['-5'], ['-n', '1', '-b', '2']]) {
    throws(() => parseOptions(OPTIONS, tokens), CommandError)
  }
})

test('ACLs', () => {
  const screen = terminal()
  deepStrictEqual(parseAcls('world:anyone:cdrwa,ip:::1:r,bad,digest:u:h:zw', screen), [
    { perms: 31, id: { scheme: 'world', id: 'anyone' } },
    { perms: 1, id: { scheme: 'ip', id: '::1' } },
    { perms: 2, id: { scheme: 'digest', id: 'u:h' } },
  ])
  deepStrictEqual(screen.errors, [
    'bad does not have the form scheme:id:perm',
    'Unknown perm type: z',
  ])
  strictEqual(permsText(31), 'cdrwa')
  strictEqual(permsText(5), 'cr')
  strictEqual(idText({ scheme: 'x509', id: 'CN=a,O=b' }), "'x509,'CN=a%2CO=b\n")
})

test('errors', () => {
  strictEqual(errorText(new ZkError(ErrorCode.noNode, '/x')), 'Node does not exist: /x')
  const loss = new ZkError(ErrorCode.connectionLoss, '/x')
  strictEqual(errorText(loss), 'KeeperErrorCode = ConnectionLoss for /x')
  strictEqual(
    errorText(new ZkError(ErrorCode.noWatcher, null)),
    'KeeperErrorCode = No such watcher',
  )
})

test('quotas keep the stray equals sign, and null apart from no limit', () => {
  for (const text of [
    'count=-1,bytes=5',
    'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=2',
    'count=1,bytes=2=;countHardLimit=2',
  ]) {
    strictEqual(quotaText(parseQuota(text)), text)
  }
})

test('data in base64 and as a hex dump', () => {
  strictEqual(plainText(Buffer.from('é')), 'é')
  strictEqual(base64Text(Buffer.from('hello')), 'aGVsbG8=')
  strictEqual(hexDump(new Uint8Array(0)), '')
  strictEqual(
    hexDump(Buffer.from('0123456789abcdef\n')).split('\n').slice(3, 5).join('\n'),
    '|00000000| 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 |0123456789abcdef|\n' +
      '|00000010| 0a                                              |.               |',
  )
})

test('dates', () => {
  match(dateText(0), /^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \S+ (1970|1969)$/)
})

test('the client addresses of a configuration', () => {
  const text = 'server.1=a:1:2:participant;0.0.0.0:2181\nserver.2=b:1:2;2182\nversion=100000000'
  strictEqual(connectStringOf(text), '100000000 0.0.0.0:2181,0.0.0.0:2182')
})

test('connect strings', () => {
  deepStrictEqual(parseConnectString('a:1,b/c/d'), {
    hosts: [
      { host: 'a', port: 1 },
      { host: 'b', port: 2181 },
    ],
    chroot: '/c/d',
  })
  deepStrictEqual(parseConnectString('[::1]:5/').hosts, [{ host: '::1', port: 5 }])
  throws(() => parseConnectString('/a'), ZkError)
  throws(() => parseConnectString('a:99999'), ZkError)
})

test('the shell’s own arguments', () => {
  deepStrictEqual(parseShellArguments(['-server', 'h:1', '-r', '-x', 'create', '-e', '/a']), {
    server: 'h:1',
    timeoutMs: 30_000,
    readOnly: true,
    waitForConnection: false,
    clientConfiguration: null,
    command: ['create', '-e', '/a'],
  })
  strictEqual(parseShellArguments(['-server']), 'Error: no argument found for option -server')
})
