// An ensemble goes back to a moment: a majority is restored, and the member that was not, whose history is
// longer, does not undo it. A subtree goes back while all of them serve.

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { backup } from '../../bin/backup/backup.ts'
import { Client } from '../../client/client.ts'
import { formatZxid } from '../../protocol/zxid.ts'
import { run, start, text, until } from '../bin/launch.ts'
import { until as untilWithin } from '../support/until.ts'

const BACKUP_MS_MAX = 60_000

const root = mkdtempSync(join(tmpdir(), 'ringkeeper-restored-'))
after(() => rmSync(root, { recursive: true, force: true }))

const data = join(root, 'ensemble')

interface Served {
  readonly child: ChildProcess
  readonly ports: readonly number[]
}

async function started(folder: string): Promise<Served> {
  const args = ['--servers', '3', '--port', '0', '--json', '--data', folder]
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
  const first = await started(data)
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
  const copied = await run('dist/bin/backup.js', [join(data, '1'), copy])
  strictEqual(copied.code, 0, copied.err)
  for (const member of ['1', '2']) {
    const args = ['--zxid', formatZxid(moment), '--from', copy, join(data, member, 'zoo.cfg')]
    const restored = await run('dist/bin/restore.js', args)
    strictEqual(restored.code, 0, restored.err)
  }
  const second = await started(data)
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

test('a subtree goes back on every member while they serve', async () => {
  const folder = join(root, 'serving')
  const { child, ports } = await started(folder)
  const [port = 0] = ports
  const moment = await withClient(port, async (client) => {
    await client.create('/app', Buffer.from('then'))
    await client.create('/app/kept', Buffer.from('1'))
    const { lastZxid } = client.connection
    await client.set('/app', Buffer.from('now'))
    await client.delete('/app/kept')
    await client.create('/app/new', null)
    return lastZxid
  })
  const copy = join(root, 'copy of serving')
  const member = { dataDir: join(folder, '1'), dataLogDir: join(folder, '1') }
  // A member answers when a quorum has the write on disk, not when it has it itself.
  await untilWithin('the moment is in a backup', BACKUP_MS_MAX, async () => {
    return (await backup(member, copy)).lastZxid >= moment
  })
  const servers = ports.map((each) => `127.0.0.1:${each}`).join(',')
  const args = ['--zxid', formatZxid(moment), '--from', copy, '--path', '/app']
  const restored = await run('dist/bin/restore.js', [
    ...args,
    ...['--server', servers, '--delete-extra'],
  ])
  strictEqual(restored.code, 0, restored.err)
  for (const each of ports) {
    const found = await withClient(each, async (client) => {
      await client.sync()
      const [{ data: top }, { children }] = await Promise.all([
        client.get('/app'),
        client.getChildren('/app'),
      ])
      return [String(top), children, String((await client.get('/app/kept')).data)]
    })
    deepStrictEqual(found, ['then', ['kept'], '1'], `port ${each}`)
  }
  await stopped({ child, ports })
})
