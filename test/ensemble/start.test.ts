// What the README promises of `npm start`: three servers, any of which may be killed while the
// clients of all three keep their sessions and what belongs to them.

import { deepStrictEqual, ok } from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { after, describe, test } from 'node:test'
import { modeOf } from '../../bin/launcher/probe.ts'
import type { Client } from '../../client/client.ts'
import { freePorts } from '../../perf/ensemble/ports.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import { removeFolder, start, temporaryFolder, text } from '../bin/launch.ts'
import { until, within } from '../support/until.ts'
import { clientOf, SESSION_MS } from './load.ts'

const READY_MS_MAX = 60_000
const SERVERS = [1, 2, 3]

/** npm start, on ports that are free. */
class Started {
  readonly child: ChildProcess
  readonly port: number
  readonly pids: ReadonlyMap<number, number>

  private constructor(child: ChildProcess, port: number, said: string) {
    this.child = child
    this.port = port
    const pids = said.matchAll(/kill (\d+) \(server (\d)\)/g)
    this.pids = new Map([...pids].map(([, pid, id]) => [Number(id), Number(pid)]))
  }

  static async start(folder: string): Promise<Started> {
    for (;;) {
      const [port = 0] = await freePorts(1)
      const child = start('dist/bin/start.js', ['--port', String(port), '--data', folder])
      const [out, err] = [text(child.stdout), text(child.stderr)]
      await until('it says how to stop, or ends', READY_MS_MAX, () => {
        return out().includes('Ctrl-C') || child.exitCode !== null
      })
      if (child.exitCode === null) return new Started(child, port, out())
      // One of the nine ports that follow from the first was taken.
      ok(err().includes('in use'), `${out()}\n${err()}`)
      removeFolder(folder)
    }
  }

  get addresses(): string {
    return SERVERS.map((id) => `127.0.0.1:${this.port + id - 1}`).join(',')
  }

  async modes(): Promise<(string | null)[]> {
    return Promise.all(SERVERS.map((id) => modeOf('127.0.0.1', this.port + id - 1)))
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return
    const gone = once(this.child, 'close')
    this.child.kill('SIGTERM')
    await gone
  }
}

async function ephemerals(client: Client): Promise<[string, bigint | undefined][]> {
  await client.sync('/')
  const paths = SERVERS.map((id) => `/of-${id}`)
  return Promise.all(
    paths.map(async (path) => [path, (await client.exists(path))?.ephemeralOwner] as const),
  ).then((all) => all.map(([path, owner]) => [path, owner]))
}

describe('npm start', () => {
  const folders: string[] = []
  let started: Started | null = null
  const clients: Client[] = []

  after(async () => {
    for (const client of clients) client.connection.abandon()
    await started?.stop()
    for (const folder of folders) removeFolder(folder)
  })

  const VICTIMS = [
    ['the leader', (modes) => modes.indexOf('leader')],
    ['a follower', (modes) => modes.indexOf('follower')],
    ['the other follower', (modes) => modes.lastIndexOf('follower')],
  ] as const satisfies readonly (readonly [string, (modes: (string | null)[]) => number])[]

  for (const [name, find] of VICTIMS) {
    test(`kill -9 of ${name}`, async () => {
      const folder = temporaryFolder()
      folders.push(folder)
      started = await Started.start(`${folder}/ensemble`)
      const servers = started.addresses
      const own = SERVERS.map((id) => clientOf(servers, id - 1, SESSION_MS))
      clients.push(...own)
      for (const [i, client] of own.entries()) {
        await client.create(`/of-${i + 1}`, null, { mode: CreateMode.ephemeral })
      }
      const sessions = own.map((client) => BigInt(client.connection.session.id))
      const owners = sessions.map((id, i) => [`/of-${i + 1}`, id])

      process.kill(started.pids.get(find(await started.modes()) + 1)!, 'SIGKILL')
      for (const client of own) {
        await until('the client has found another server', READY_MS_MAX, async () => {
          return client.set('/', null).then(
            () => true,
            () => false,
          )
        })
        deepStrictEqual(await within('a read', READY_MS_MAX, ephemerals(client)), owners)
      }
      deepStrictEqual(
        own.map((client) => BigInt(client.connection.session.id)),
        sessions,
      )
      for (const client of own) await client.close()
      await started.stop()
    })
  }
})
