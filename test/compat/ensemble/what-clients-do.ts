// What clients do with an ensemble, spread over its members: each step writes at one and looks at
// all the others, so that every request passes through servers of both kinds.

import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import { Client } from '../../../client/client.ts'
import { checkOp, createOp, deleteOp, setOp } from '../../../client/operations.ts'
import type { WatchEvent } from '../../../client/watch-registry.ts'
import { isZkError } from '../../../client/zk-error.ts'
import { ANYONE } from '../../../protocol/acl.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { CreateMode, EventType, Perm } from '../../../protocol/op-code.ts'
import { until, within } from '../../support/until.ts'
import type { MixedEnsemble } from './mixed-ensemble.ts'

const DONE_MS_MAX = 20_000
const BIG_BYTES = 900_000
const BURST = 50

/** A step's clients, one a member, in the order of ids. */
type Step = (clients: readonly Client[], root: string) => Promise<void>

export const STEPS: Readonly<Record<string, Step>> = {
  'writes through each, reads with sync through each': async (clients, root) => {
    for (const [i, writer] of clients.entries()) {
      const path = `${root}/w${i}`
      await writer.create(path, bytes('one'))
      await writer.set(path, bytes('two'), 0)
      for (const reader of clients) {
        await reader.sync()
        const { data, stat } = await reader.get(path)
        deepStrictEqual([text(data), stat.version], ['two', 1])
      }
    }
    for (const [i, deleter] of clients.entries()) await deleter.delete(`${root}/w${i}`, 1)
    for (const reader of clients) {
      await reader.sync()
      deepStrictEqual((await reader.getChildren(root)).children, [])
    }
  },
  'requests that fail, at every member alike': async (clients, root) => {
    for (const client of clients) {
      await rejects(client.create(root, null), code(ErrorCode.nodeExists))
      await rejects(client.set(root, null, 77), code(ErrorCode.badVersion))
      await rejects(client.delete(`${root}/none`), code(ErrorCode.noNode))
      await rejects(client.create(`${root}/none/x`, null), code(ErrorCode.noNode))
      await rejects(
        client.multi([createOp(`${root}/half`, null), checkOp(root, 77)]),
        code(ErrorCode.badVersion),
      )
      strictEqual(await client.exists(`${root}/half`), null)
    }
  },
  'multi through each': async (clients, root) => {
    for (const [i, client] of clients.entries()) {
      const [a, b] = [`${root}/a${i}`, `${root}/b${i}`]
      await client.multi([createOp(a, bytes('a')), createOp(b, null), setOp(a, bytes('A'))])
      await client.multi([checkOp(a, 1), deleteOp(b), createOp(`${a}/below`, null)])
    }
    for (const client of clients) {
      await client.sync()
      const names = (await client.getChildren(root)).children
      deepStrictEqual(
        [...names].sort(),
        [...clients.keys()].map((i) => `a${i}`),
      )
      for (const [i] of clients.entries()) {
        deepStrictEqual((await client.getChildren(`${root}/a${i}`)).children, ['below'])
      }
    }
  },
  'sequential nodes number themselves across members': async (clients, root) => {
    const mode = CreateMode.persistentSequential
    for (let i = 0; i < 9; i++) {
      const client = clients[i % clients.length]!
      strictEqual(await client.create(`${root}/s-`, null, { mode }), `${root}/s-000000000${i}`)
    }
  },
  'a large node, from each': async (clients, root) => {
    for (const [i, client] of clients.entries()) {
      await client.create(`${root}/big${i}`, new Uint8Array(BIG_BYTES).fill(65 + i))
      for (const reader of clients) {
        await reader.sync()
        const { data } = await reader.get(`${root}/big${i}`)
        strictEqual(data?.length, BIG_BYTES)
        ok(data?.every((byte) => byte === 65 + i))
      }
    }
  },
  'access lists': async (clients, root) => {
    for (const [i, client] of clients.entries()) {
      const path = `${root}/acl${i}`
      await client.addAuth('digest', bytes('user:secret'))
      await client.create(path, null)
      const acl = [
        { perms: Perm.all, id: { scheme: 'auth', id: '' } },
        { perms: Perm.read, id: ANYONE },
      ]
      await client.setAcl(path, acl, 0)
      for (const reader of clients) {
        await reader.sync()
        const found = (await reader.getAcl(path)).acl ?? []
        deepStrictEqual(
          found.map(({ perms, id }) => [perms, id.scheme]),
          [
            [Perm.all, 'digest'],
            [Perm.read, 'world'],
          ],
        )
      }
    }
  },
  'containers and nodes with a time to live go from everywhere': async (clients, root) => {
    const gone = [`${root}/c0`, `${root}/t0`]
    for (const client of clients) {
      await client.create(`${root}/c0`, null, { mode: CreateMode.container })
      await client.create(`${root}/c0/x`, null)
      await client.delete(`${root}/c0/x`)
      await client.create(`${root}/t0`, null, { ttlMs: 1 })
      await client.create(`${root}/stays`, null, { ttlMs: 1_000_000 })
      for (const reader of clients) {
        await until('they are gone', DONE_MS_MAX, async () => {
          const found = await Promise.all(gone.map((path) => reader.exists(path)))
          return found.every((stat) => stat === null)
        })
        await reader.sync()
        ok(await reader.exists(`${root}/stays`))
      }
      await client.delete(`${root}/stays`)
    }
  },
  'syncs, writes and reads side by side, of several sessions a member': async (clients, root) => {
    const burst = async (client: Client, path: string): Promise<void> => {
      await client.create(path, null)
      const replies: Promise<unknown>[] = []
      for (let i = 0; i < BURST; i++) {
        replies.push(client.sync(), client.set(path, bytes(String(i))), client.get(path))
      }
      await Promise.all(replies)
      strictEqual(text((await client.get(path)).data), String(BURST - 1))
    }
    const others = clients.map(({ connection: { host } }) => {
      return new Client({ servers: `${host.host}:${host.port}` })
    })
    try {
      const all = [...clients, ...others].map((client, i) => burst(client, `${root}/b${i}`))
      await within('all answers', DONE_MS_MAX, Promise.all(all))
    } finally {
      await Promise.all(others.map((client) => client.close()))
    }
  },
  'watches are told of what others write elsewhere': async (clients, root) => {
    for (const [i, watcher] of clients.entries()) {
      const writer = clients[(i + 1) % clients.length]!
      const path = `${root}/watched${i}`
      const events: WatchEvent[] = []
      const watch = (event: WatchEvent): number => events.push(event)
      const count = async (wanted: number): Promise<void> => {
        await until(`${wanted} events`, DONE_MS_MAX, () => events.length === wanted)
      }
      await watcher.sync()
      strictEqual(await watcher.exists(path, watch), null)
      await writer.create(path, null)
      await count(1)
      await watcher.get(path, watch)
      await writer.set(path, bytes('x'))
      await count(2)
      await watcher.getChildren(path, watch)
      await writer.create(`${path}/child`, null)
      await count(3)
      await writer.delete(`${path}/child`)
      await watcher.sync()
      await watcher.exists(path, watch)
      await writer.delete(path)
      await count(4)
      deepStrictEqual(
        events.map((event) => event.type),
        [
          EventType.nodeCreated,
          EventType.nodeDataChanged,
          EventType.nodeChildrenChanged,
          EventType.nodeDeleted,
        ],
      )
    }
  },
}

/** Every step, with clients that stay. */
export async function doEverything(ensemble: MixedEnsemble): Promise<void> {
  const clients = ensemble.running.map((member) => ensemble.client(member))
  try {
    for (const [i, [step, run]] of Object.entries(STEPS).entries()) {
      const root = `/step-${i}`
      await clients[0]!.create(root, null)
      await Promise.all(clients.map((client) => client.sync()))
      await run(clients, root).catch((error: unknown) => {
        throw new Error(`not so: ${step}`, { cause: error })
      })
    }
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
}

function bytes(value: string): Uint8Array {
  return Buffer.from(value)
}

function text(data: Uint8Array | null): string {
  return Buffer.from(data ?? []).toString()
}

function code(wanted: ErrorCode): (error: unknown) => boolean {
  return (error) => isZkError(error, wanted)
}
