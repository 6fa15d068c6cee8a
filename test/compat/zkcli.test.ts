// Apache's own shell and C client against our server. The shell must print there what it prints
// against Apache's server, the same script given to both.

import { deepStrictEqual, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { APACHE_MISSING, ApacheServer, javaArguments } from '../support/apache.ts'
import { run, skipUnless, successOf } from '../support/foreign.ts'
import { OwnServer } from '../support/own-server.ts'
import { within } from '../support/until.ts'
import { SHELL_SCRIPT } from './shell-script.ts'

const SHELL = 'org.apache.zookeeper.ZooKeeperMain'
const CLI_MT = '/usr/lib/zookeeper/bin/cli_mt'
const STEP_MS_MAX = 10_000

/** Not in the other script: what takes a connection down, or talks of the shell itself. */
const MORE: readonly string[] = [
  'version',
  'whoami',
  'addauth digest u:p',
  'whoami',
  'create /mine x auth::cdrwa',
  'getAcl -s /mine',
  'setAcl -R /mine world:anyone:cdrwa',
  'getEphemerals',
  'getAllChildrenNumber /',
  'addWatch -m PERSISTENT /mine',
  'addWatch /mine',
  'removewatches /mine -a',
  'setquota -n 5 /mine',
  'setquota -B 100 /mine',
  'listquota /mine',
  'delquota /mine',
  'config',
  'sync /mine',
  'deleteall /mine',
  'printwatches off',
  'history',
  'redo 1',
  'close',
]

test('Apache’s shell prints with ours what it prints with Apache’s server', {
  skip: APACHE_MISSING,
}, async () => {
  const properties = ['zookeeper.extendedTypesEnabled=true']
  const [theirs, ours] = [
    await ApacheServer.start({ properties }),
    await OwnServer.start({ extendedTypes: true }),
  ]
  try {
    const script = `${[...SHELL_SCRIPT, ...MORE].join('\n')}\nquit\n`
    const printed: string[][] = []
    for (const address of [theirs.address, ours.address]) {
      const args = [...javaArguments(SHELL), '-server', address]
      const ended = await run('java', args, { input: script })
      printed.push(lines(successOf('zkCli', ended)))
    }
    ok(printed[0]!.length > 200, `only ${printed[0]!.length} lines`)
    deepStrictEqual(printed[1], printed[0])
  } finally {
    await ours.stop()
    await theirs.stop()
  }
})

/** Without what no two servers print alike. Events come from another thread, in between. */
function lines(text: string): string[] {
  return text
    .replace(/^([cm]time) = .*/gm, '$1')
    .replace(/^([cmp]Zxid) = 0x[0-9a-f]+/gm, '$1')
    .replace(/ephemeralOwner = 0x[1-9a-f][0-9a-f]*/g, 'ephemeralOwner = SESSION')
    .replace(/127\.0\.0\.1:\d+/g, 'SERVER')
    .split('\n')
    .filter((line) => !line.startsWith('WatchedEvent') && !/^(WATCHER::)?$/.test(line))
}

/** A command, and what has to come before the next one is typed. */
const STEPS: readonly (readonly [string, RegExp])[] = [
  ['create /c', /name = \/c\n/],
  ['set /c hello', /\/c: rc = 0/],
  ['get /c', /value_len = 5.*hello/s],
  ['create +e /c/e', /name = \/c\/e\n/],
  ['create +s /c/s-', /name = \/c\/s-0000000001\n/],
  ['ls /c', /rc = 0.*s-0000000001/s],
  ['ls2 /c', /s-0000000001.*version=1\taversion=0/s],
  ['wexists /later', /Error -101 for \/later/],
  ['create /later', /CREATED_EVENT.*name = \/later|name = \/later.*CREATED_EVENT/s],
  ['delete /later', /rc = 0/],
  ['sync /c', /sync|rc = 0/],
  ['addauth digest u:p', /Authentication|rc = 0/],
]

const skip = skipUnless(existsSync(CLI_MT), 'the C client', 'zookeeper-bin')

test('the C client’s shell', { skip }, async () => {
  const server = await OwnServer.start()
  const child = spawn(CLI_MT, [server.address], { stdio: 'pipe' })
  try {
    let text = ''
    let wake = (): void => {}
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        wake()
      })
    }
    const said = async (wanted: RegExp): Promise<void> => {
      while (!wanted.test(text)) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
    for (const [command, wanted] of STEPS) {
      text = ''
      child.stdin.write(`${command}\n`)
      await within(`${wanted} after ${command}`, STEP_MS_MAX, said(wanted)).catch((error) => {
        throw new Error(`${error}\n${text}`)
      })
      match(text, wanted)
    }
  } finally {
    child.kill('SIGKILL')
    await server.stop()
  }
})
