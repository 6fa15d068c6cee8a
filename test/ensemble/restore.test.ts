// An ensemble goes back to a moment: a majority is restored, and the member that was not, whose history is
// longer, does not undo it.

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Client } from '../../client/client.ts'
import { formatZxid } from '../../protocol/zxid.ts'
import { run, start, text, until } from '../bin/launch.ts'

const root = mkdtempSync(join(tmpdir(), 'ringkeeper-restored-'))
after(() => rmSync(root, { recursive: true, force: true }))

const data = join(root, 'ensemble')

interface Served {
  readonly child: ChildProcess
  readonly ports: readonly number[]
}

async function started(): Promise<Served> {
  const args = ['--servers', '3', '--port', '0', '--json', '--data', data]
  const child = start('dist/bin/ringkeeper.js', args, {}, ['pipe', 'pipe', 'pipe'])
  const [out, err] = [text(child.stdout), text(child.stderr)]
  await until('an ensemble', () => out().includes('\n') || child.exitCode !== null)
  ok(out() !== '', err())
  const { servers } = JSON.parse(out()) as { servers: readonly { port: number }[] }
  return { child, ports: servers.map(({ port }) => port) }
}

async function stopped({ child }: Served): Promise<void> {
  const exit = once(child, 'exit')
  child.stdin?.end()
  strictEqual((await exit)[0], 0)
}

async function withClient<T>(port: number, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ servers: `127.0.0.1:${port}` })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

test('a member that was not restored follows those that were', async () => {
  const first = await started()
  const [port = 0] = first.ports
  const moment = await withClient(port, async (client) => {
    await client.create('/kept', null)
    const kept = client.connection.lastZxid
    await client.create('/undone', null)
    await client.delete('/kept')
    return kept
  })
  await stopped(first)
  const copy = join(root, 'copy')
  const backup = await run('dist/bin/backup.js', [join(data, '1'), copy])
  strictEqual(backup.code, 0, backup.err)
  for (const member of ['1', '2']) {
    const args = ['--zxid', formatZxid(moment), '--from', copy, join(data, member, 'zoo.cfg')]
    const restored = await run('dist/bin/restore.js', args)
    strictEqual(restored.code, 0, restored.err)
  }
  const second = await started()
  for (const each of second.ports) {
    const names = await withClient(each, async (client) => {
      await client.sync()
      return (await client.getChildren('/')).children
    })
    deepStrictEqual([...names].sort(), ['kept', 'zookeeper'], `port ${each}`)
  }
  await withClient(second.ports[2]!, async (client) => {
    await client.create('/new', null)
  })
  await stopped(second)
  const checked = await run('dist/bin/check.js', [join(data, '1', 'zoo.cfg')])
  doesNotMatch(checked.out, /STOPS/)
  match(checked.out, /epochs: accepted (\d+), current \1\n/)
})
