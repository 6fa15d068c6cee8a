// Whether every server holds the same tree: each node with its data, Stat and ACL, as a client of
// that server alone reads it.

import { deepStrictEqual, ok } from 'node:assert/strict'
import type { Client } from '../../client/client.ts'
import type { Ensemble } from '../../perf/ensemble/ensemble.ts'
import { until } from '../support/until.ts'
import { clientOf, persistently, SESSION_MS } from './load.ts'

const EVEN_MS_MAX = 30_000
/** Each server's own view: they reach each other through different ports. */
const OWN = '/zookeeper/config'
/** The faster the machine, the more nodes; a client's requests in flight are limited. */
const NODES_AT_ONCE = 500

async function treeOf(client: Client): Promise<Map<string, string>> {
  const tree = new Map<string, string>()
  let level = ['/']
  while (level.length > 0) {
    const below: string[] = []
    for (let from = 0; from < level.length; from += NODES_AT_ONCE) {
      const some = level.slice(from, from + NODES_AT_ONCE)
      const lists = await Promise.all(some.map((path) => visit(client, path, tree)))
      below.push(...lists.flat())
    }
    level = below.filter((path) => path !== OWN)
  }
  return tree
}

/** Adds a node to the tree; the paths of its children. */
async function visit(client: Client, path: string, tree: Map<string, string>): Promise<string[]> {
  const [{ data, stat }, { acl }, { children }] = await Promise.all([
    client.get(path),
    client.getAcl(path),
    client.getChildren(path),
  ])
  const content = data === null ? null : Buffer.from(data).toString('hex')
  const all = { ...stat, ephemeralOwner: String(stat.ephemeralOwner), content, acl }
  tree.set(path, JSON.stringify(all))
  return children.map((name) => (path === '/' ? `/${name}` : `${path}/${name}`))
}

/** Nobody may write meanwhile. */
export async function replicasAgree(ensemble: Ensemble): Promise<void> {
  const clients = ensemble.members.map(({ address }) => clientOf(address, 0, SESSION_MS))
  try {
    await Promise.all(clients.map((client) => persistently(() => client.sync('/'))))
    await until('all servers are at the same zxid', EVEN_MS_MAX, async () => {
      const zxids = (await ensemble.states()).map((state) => state?.zxid)
      return zxids[0] !== undefined && zxids.every((zxid) => zxid === zxids[0])
    })
    const trees = await Promise.all(clients.map((client) => persistently(() => treeOf(client))))
    const [first] = trees
    ok(first !== undefined && first.size > 3)
    for (const tree of trees) {
      const differing: string[] = [...new Set([...first.keys(), ...tree.keys()])]
        .filter((path) => first.get(path) !== tree.get(path))
        .map((path) => `${path}: ${first.get(path)} and ${tree.get(path)}`)
      deepStrictEqual(differing, [])
    }
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
}
