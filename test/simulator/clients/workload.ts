// What clients ask for: drawn so that requests meet at the same few nodes.

import type { Acl } from '../../../protocol/acl.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import type { MultiOp } from '../../../protocol/records/multi.ts'
import { OPEN } from '../model/model.ts'
import type { Operation } from '../model/operation.ts'
import type { SimulationOptions } from '../options.ts'
import type { Dice } from '../world/dice.ts'
import { userOf } from './identities.ts'

export type WorkloadOptions = Pick<SimulationOptions, 'workload' | 'server'>

const MULTI_MAX = 4
const GROVE_EVERY = 12
const BEDS = 20
const TREES = 250
/** A value of this fits with its request into jute.maxbuffer. */
const MEGABYTE = 1_040_000
/** A transaction of a tight server holds a multi of these. */
const TIGHT_DATA_BYTES_MAX = 40

const PRIVATE: readonly (readonly Acl[])[] = [
  [{ perms: 31, id: userOf(0) }],
  [
    { perms: 1, id: { scheme: 'world', id: 'anyone' } },
    { perms: 31, id: { scheme: 'auth', id: '' } },
  ],
  [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }],
]

export function drawOperation(dice: Dice, options: WorkloadOptions): Operation {
  const { workload } = options
  if (workload.groves > 0 && dice.oneIn(GROVE_EVERY)) return plantGrove(dice.below(workload.groves))
  const kind = dice.weighted({
    write: 50,
    multi: workload.multis ? 8 : 0,
    read: 40,
    watch: workload.watches ? 6 : 0,
    sync: 4,
    close: workload.disconnects ? 1 : 0,
  })
  switch (kind) {
    case 'write':
      return drawWrite(dice, options)
    case 'multi': {
      const count = 1 + dice.below(MULTI_MAX)
      const ops = Array.from({ length: count }, () => drawPart(dice, options))
      return { type: OpCode.multi, ops }
    }
    case 'read':
      return drawRead(dice, options)
    case 'watch':
      return drawWatch(dice, options)
    case 'sync':
      return { type: OpCode.sync, path: drawPath(dice, options) }
    case 'close':
      return { type: OpCode.closeSession }
  }
}

/** Many nodes at once; again, it fails as a whole. */
function plantGrove(index: number): Operation {
  const node = (path: string): MultiOp => {
    return { type: OpCode.create, request: { path, data: new Uint8Array(4), acl: OPEN, flags: 0 } }
  }
  const ops: MultiOp[] = []
  for (let bed = 0; bed < BEDS; bed++) {
    const path = `/grove${index}-${bed}`
    ops.push(node(path))
    for (let tree = 0; tree < TREES; tree++) ops.push(node(`${path}/t${tree}`))
  }
  return { type: OpCode.multi, ops }
}

function drawWrite(dice: Dice, options: WorkloadOptions): Operation {
  const { megabyteEvery } = options.workload
  if (megabyteEvery > 0 && dice.oneIn(megabyteEvery)) return writeMegabyte(dice, options)
  if (!options.workload.acls || !dice.oneIn(10)) return drawOne(dice, options)
  const path = drawPath(dice, options)
  const acl = drawAcl(dice, options)
  return { type: OpCode.setACL, request: { path, acl, version: drawVersion(dice) } }
}

function writeMegabyte(dice: Dice, options: WorkloadOptions): Operation {
  const path = drawPath(dice, options)
  const data = new Uint8Array(MEGABYTE - dice.below(1000)).fill(dice.below(256))
  if (dice.oneIn(2)) return { type: OpCode.setData, request: { path, data, version: -1 } }
  return { type: OpCode.create, request: { path, data, acl: OPEN, flags: 0 } }
}

function drawPart(dice: Dice, options: WorkloadOptions): MultiOp {
  if (!dice.oneIn(5)) return drawOne(dice, options)
  const path = drawPath(dice, options)
  return { type: OpCode.check, request: { path, version: drawVersion(dice) } }
}

function drawOne(dice: Dice, options: WorkloadOptions): MultiOp {
  const path = drawPath(dice, options)
  const kind = dice.weighted({ create: 10, delete: 5, set: 8 })
  if (kind === 'create') return drawCreate(dice, options, path)
  if (kind === 'delete')
    return { type: OpCode.delete, request: { path, version: drawVersion(dice) } }
  const data = drawData(dice, options)
  return { type: OpCode.setData, request: { path, data, version: drawVersion(dice) } }
}

function drawCreate(dice: Dice, options: WorkloadOptions, path: string): MultiOp {
  const data = drawData(dice, options)
  const acl = drawAcl(dice, options)
  const request = { path, data, acl, flags: 0 }
  if (dice.oneIn(12)) return { type: OpCode.createContainer, request: { ...request, flags: 4 } }
  if (dice.oneIn(20)) {
    const ttlMs = dice.pick([1, 1000, 100_000])
    return { type: OpCode.createTTL, request: { ...request, flags: 5, ttlMs } }
  }
  const type = dice.oneIn(2) ? OpCode.create : OpCode.create2
  const flags = options.workload.ephemerals ? dice.pick([0, 0, 1, 1, 2, 3]) : dice.pick([0, 0, 2])
  return { type, request: { ...request, flags: dice.oneIn(50) ? 7 : flags } }
}

function drawRead(dice: Dice, options: WorkloadOptions): Operation {
  const path = drawPath(dice, options)
  const watch = options.workload.watches && dice.oneIn(3)
  const kind = dice.weighted({ one: 20, byPath: 4, multi: 2 })
  if (kind === 'one') {
    const { exists, getData, getChildren, getChildren2 } = OpCode
    return { type: dice.pick([exists, getData, getData, getChildren, getChildren2]), path, watch }
  }
  if (kind === 'byPath') {
    const { getACL, getAllChildrenNumber, getEphemerals } = OpCode
    return { type: dice.pick([getACL, getAllChildrenNumber, getEphemerals]), path }
  }
  const ops = [OpCode.getData, OpCode.getChildren].map((type) => ({
    type,
    request: { path: drawPath(dice, options), watch: false },
  }))
  return { type: OpCode.multiRead, ops }
}

function drawWatch(dice: Dice, options: WorkloadOptions): Operation {
  const path = dice.oneIn(5) ? '/' : drawPath(dice, options)
  const kind = dice.weighted({ add: 4, remove: 2, check: 1 })
  if (kind === 'add') return { type: OpCode.addWatch, path, mode: dice.below(2) }
  const watcherType = dice.between(1, 5)
  const type = kind === 'remove' ? OpCode.removeWatches : OpCode.checkWatches
  return { type, path, watcherType }
}

function drawPath(dice: Dice, options: WorkloadOptions): string {
  if (dice.oneIn(100)) return dice.pick(['/', '/a//b', '/a/', 'a', '/a/../b', '/zookeeper'])
  const depth = dice.pick([1, 1, 2, 2, 3])
  let path = ''
  for (let i = 0; i < depth; i++) path += `/${drawName(dice, options)}`
  return path
}

function drawName(dice: Dice, { workload }: WorkloadOptions): string {
  const n = dice.below(workload.names)
  // Longer than a record holds inline.
  return n % 5 === 4 ? `a-name-that-is-rather-long-${n}` : `n${n}`
}

function drawData(dice: Dice, { workload, server }: WorkloadOptions): Uint8Array | null {
  if (dice.oneIn(20)) return null
  const tight = server.juteMaxBuffer < 10_000
  const max = tight ? Math.min(TIGHT_DATA_BYTES_MAX, workload.dataBytesMax) : workload.dataBytesMax
  const data = new Uint8Array(dice.below(max))
  for (let i = 0; i < data.length; i++) data[i] = dice.below(256)
  return data
}

function drawAcl(dice: Dice, { workload }: WorkloadOptions): readonly Acl[] | null {
  if (!workload.acls || !dice.oneIn(4)) return OPEN
  return dice.oneIn(10) ? null : dice.pick(PRIVATE)
}

function drawVersion(dice: Dice): number {
  return dice.oneIn(3) ? dice.below(4) : -1
}
