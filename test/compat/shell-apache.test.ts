// Our shell and Apache's own are given the same commands; what they print must be the same, but for
// zxids, times and session ids. Events are compared apart from the rest, because Apache prints them
// from another thread.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { APACHE_MISSING, ApacheServer, javaArguments } from '../support/apache.ts'
import { run } from '../support/foreign.ts'
import { SHELL_SCRIPT } from './shell-script.ts'

const CLI = fileURLToPath(new URL('../../bin/cli.js', import.meta.url))
const APACHE_CLI = 'org.apache.zookeeper.ZooKeeperMain'

interface Outcome {
  readonly code: number | null
  readonly out: readonly string[]
  readonly events: readonly string[]
  readonly err: readonly string[]
}

async function outcome(command: string, args: readonly string[], input: string): Promise<Outcome> {
  const ended = await run(command, args, { input })
  const lines = normalized(ended.out).filter((line) => line !== '' && line !== 'WATCHER::')
  return {
    code: ended.status,
    out: lines.filter((line) => !line.startsWith('WatchedEvent')),
    events: lines.filter((line) => line.startsWith('WatchedEvent')),
    err: normalized(ended.err),
  }
}

function normalized(text: string): string[] {
  return text
    .replace(/^([cm]time) = .*/gm, '$1')
    .replace(/^([cmp]Zxid) = 0x[0-9a-f]+/gm, '$1')
    .replace(/ephemeralOwner = 0x[1-9a-f][0-9a-f]*/g, 'ephemeralOwner = SESSION')
    .replace(/^JLine support is .*\n/gm, '')
    .split('\n')
}

describe('the shell against Apache’s', { skip: APACHE_MISSING }, () => {
  let server: ApacheServer
  const ours = (args: readonly string[], input = ''): Promise<Outcome> =>
    outcome(process.execPath, [CLI, '-server', server.address, ...args], input)
  const theirs = (args: readonly string[], input = ''): Promise<Outcome> =>
    outcome('java', [...javaArguments(APACHE_CLI), '-server', server.address, ...args], input)

  before(async () => {
    server = await ApacheServer.start({ properties: ['zookeeper.extendedTypesEnabled=true'] })
  })
  after(() => server?.stop())

  test('a long script on a pipe', async () => {
    const script = `${SHELL_SCRIPT.join('\n')}\n`
    const expected = await theirs([], script)
    const actual = await ours([], script)
    // Apache's shell prints events on another thread and may end before the last are out.
    const missing = expected.events.filter((event) => !actual.events.includes(event))
    deepStrictEqual(missing, [])
    deepStrictEqual({ ...actual, events: [] }, { ...expected, events: [] })
    strictEqual(expected.code, 0)
  })

  test('one command, and the exit code', async () => {
    for (const command of [
      'ls /',
      'get /missing',
      'create /one',
      'create /one',
      'delete /one',
      'delete /one',
      'ls',
      'stat /zookeeper',
      'getAcl /',
    ]) {
      const both = command.startsWith('create') || command.startsWith('delete')
      const expected = await theirs(command.split(' '))
      // What changed the tree is put back before ours does the same.
      if (both && expected.code === 0) {
        const [verb, path] = command.split(' ')
        await theirs([verb === 'create' ? 'delete' : 'create', path!])
      }
      const actual = await ours(command.split(' '))
      deepStrictEqual([command, actual], [command, expected])
    }
  })
})
