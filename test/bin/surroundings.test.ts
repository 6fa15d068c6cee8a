// The server as a process in surroundings that fail: its own log cannot be written.

import { strictEqual } from 'node:assert/strict'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { modeOf } from '../../bin/launcher/probe.ts'
import { until as untilWithin } from '../support/until.ts'
import { ask, freePort, removeFolder, start, temporaryFolder, writeConfig } from './launch.ts'

const SERVER = 'dist/bin/server.js'
const READY_MS_MAX = 60_000

describe('in surroundings that fail', () => {
  let folder: string
  let port: number
  let child: ChildProcess | null = null
  before(() => {
    folder = temporaryFolder()
  })
  afterEach(async () => {
    await end('SIGKILL')
    removeFolder(join(folder, 'data'))
  })
  after(() => removeFolder(folder))

  async function serving(stdio: StdioOptions): Promise<ChildProcess> {
    port = await freePort()
    child = start(SERVER, [writeConfig(folder, port, '4lw.commands.whitelist=*')], {}, stdio)
    return child
  }

  async function served(): Promise<void> {
    await untilWithin('it serves', READY_MS_MAX, async () => {
      strictEqual(child?.exitCode, null)
      return (await modeOf('127.0.0.1', port)) === 'standalone'
    })
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child
    child = null
    if (ending === null || ending.exitCode !== null) return ending?.exitCode ?? null
    const gone = once(ending, 'exit')
    ending.kill(signal)
    return (await gone)[0]
  }

  async function metric(name: string): Promise<number> {
    const line = new RegExp(`^zk_${name}\\t(.*)$`, 'm').exec(await ask(port, 'mntr'))
    return Number(line?.[1])
  }

  const withoutDevice = existsSync('/dev/full') ? false : 'there is no /dev/full'
  test('a full disk under its log, and under its errors', { skip: withoutDevice }, async () => {
    const full = openSync('/dev/full', 'w')
    await serving(['ignore', full, full])
    closeSync(full)
    await served()
    strictEqual((await metric('ringkeeper_lost_log_lines')) > 0, true)
    strictEqual(await end('SIGTERM'), 0)
  })

  test('a pipe that nobody reads any more', async () => {
    const { stdout, stderr } = await serving(['ignore', 'pipe', 'pipe'])
    stdout?.destroy()
    stderr?.destroy()
    await served()
    strictEqual((await metric('ringkeeper_lost_log_lines')) > 0, true)
    strictEqual(await end('SIGTERM'), 0)
  })
})
