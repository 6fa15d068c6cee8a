// Fills a server with znodes, in folders of a few hundred: /load/d0/n0 and so on.

import { Client } from '../../client/client.ts'
import { OPEN_ACL } from '../../protocol/acl.ts'
import { OpCode } from '../../protocol/op-code.ts'

const BATCH = 500
const IN_FLIGHT = 8
/** Servers keep the last 500 transactions in memory for others to catch up: small ones have to take
 * the place of the batches, each as large as all its znodes. */
const SMALL = 1000

/** Resolves when znodes `from` up to `count` are there; a folder counts as none. */
export async function fill(
  port: number,
  count: number,
  valueBytes: number,
  from: number = 0,
): Promise<void> {
  if (count <= from) return
  const client = new Client({ servers: `127.0.0.1:${port}` })
  const data = new Uint8Array(valueBytes).fill(120)
  const create = (path: string) =>
    ({ type: OpCode.create, request: { path, data, acl: OPEN_ACL, flags: 0 } }) as const
  if (from === 0) await client.create('/load', null)
  for (let first = from; first < count; first += BATCH * IN_FLIGHT) {
    const batches: Promise<unknown>[] = []
    for (let at = first; at < Math.min(count, first + BATCH * IN_FLIGHT); at += BATCH) {
      const names = Array.from({ length: Math.min(BATCH, count - at) }, (_, i) => filled(at + i))
      batches.push(client.multi([folderOf(at), ...names].map(create)))
    }
    await Promise.all(batches)
  }
  await Promise.all(Array.from({ length: SMALL }, () => client.set('/load', null)))
  await client.close()
}

/** The path of one of them, when they were filled in whole batches of 500. */
export function filled(index: number): string {
  return `${folderOf(index)}/n${index}`
}

function folderOf(index: number): string {
  return `/load/d${Math.floor(index / BATCH)}`
}
