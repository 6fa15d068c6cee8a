// Which events a connection must get, in which order: a plain table of its watches, moved on from
// transaction to transaction.

import { type Acl, type Id, permits } from '../../../protocol/acl.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { AddWatchMode, EventType, OpCode, Perm, WatcherType } from '../../../protocol/op-code.ts'
import type { SetWatches } from '../../../protocol/records/set-watches.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import type { Change, Model } from './model.ts'
import { parentPath } from './model-write.ts'
import type { Operation } from './operation.ts'

type Mode = 'data' | 'child' | 'persistent' | 'recursive'

export interface ExpectedEvent {
  readonly type: number
  readonly path: string
  readonly zxid: Zxid
}

export class WatchModel {
  /** Told and not yet compared. */
  readonly expected: ExpectedEvent[] = []
  readonly #model: Model
  readonly #watches: Map<string, Set<Mode>> = new Map()
  /** Changes looked at. */
  #next = 0
  #zxid: Zxid = 0 as Zxid

  constructor(model: Model) {
    this.#model = model
  }

  /** Lets every transaction up to this one fire. */
  advance(zxid: Zxid, identities: readonly Id[]): void {
    const { changes } = this.#model
    if (this.#watches.size === 0) this.#next = firstAfter(changes, zxid)
    while (this.#next < changes.length && changes[this.#next]!.zxid <= zxid) {
      this.#fire(changes[this.#next]!, identities)
      this.#next++
    }
    this.#zxid = zxid
  }

  /** A request was answered at the zxid advanced to. Returns the error that the watches actor must
   * have answered; null when the request is not for it. */
  answered(op: Operation, err: number): number | null {
    switch (op.type) {
      case OpCode.exists:
        if (op.watch && err !== ErrorCode.noAuth) this.#add(op.path, 'data')
        return null
      case OpCode.getData:
        if (op.watch && err === 0) this.#add(op.path, 'data')
        return null
      case OpCode.getChildren:
      case OpCode.getChildren2:
        if (op.watch && err === 0) this.#add(op.path, 'child')
        return null
      case OpCode.addWatch:
        this.#add(op.path, op.mode === AddWatchMode.persistent ? 'persistent' : 'recursive')
        return null
      case OpCode.setWatches2:
        this.#setWatches(op.request)
        return null
      case OpCode.removeWatches:
      case OpCode.checkWatches:
        return this.#remove(op.path, op.watcherType, op.type === OpCode.removeWatches)
      default:
        return null
    }
  }

  /** What the client would put back after a reconnect. */
  list(): [path: string, modes: ReadonlySet<Mode>][] {
    return [...this.#watches]
  }

  #add(path: string, mode: Mode): void {
    const modes = this.#watches.get(path) ?? new Set()
    this.#watches.set(path, modes.add(mode))
  }

  #remove(path: string, watcherType: number, remove: boolean): number {
    const asked = new Set<Mode>(MODES_OF_TYPE.get(watcherType) ?? [])
    const modes = this.#watches.get(path) ?? new Set()
    const found = [...modes].filter((mode) => asked.has(mode))
    if (found.length === 0) return ErrorCode.noWatcher
    if (remove) for (const mode of found) modes.delete(mode)
    return 0
  }

  #setWatches(request: SetWatches): void {
    const seen = request.relativeZxid
    const tell = (type: number, path: string) => this.expected.push({ type, path, zxid: ZXID_NONE })
    for (const path of request.dataWatches) {
      const node = this.#model.at(path, this.#zxid)
      if (node === null) tell(EventType.nodeDeleted, path)
      else if (node.mzxid > seen) tell(EventType.nodeDataChanged, path)
      else this.#add(path, 'data')
    }
    for (const path of request.existWatches) {
      if (this.#model.at(path, this.#zxid) !== null) tell(EventType.nodeCreated, path)
      else this.#add(path, 'data')
    }
    for (const path of request.childWatches) {
      const node = this.#model.at(path, this.#zxid)
      if (node === null) tell(EventType.nodeDeleted, path)
      else if (node.pzxid > seen) tell(EventType.nodeChildrenChanged, path)
      else this.#add(path, 'child')
    }
    for (const path of request.persistentWatches) this.#add(path, 'persistent')
    for (const path of request.persistentRecursiveWatches) this.#add(path, 'recursive')
  }

  #fire(change: Change, identities: readonly Id[]): void {
    const { path, eventType, zxid } = change
    const here = this.#watches.get(path)
    let told = here?.has('persistent') === true || this.#isBelowRecursive(path)
    told = here?.delete('data') === true || told
    if (eventType === EventType.nodeDeleted) told = here?.delete('child') === true || told
    if (told) this.#tell(eventType, path, zxid, change.nodeAcls, identities)
    if (eventType === EventType.nodeDataChanged) return
    const parent = parentPath(path)
    const there = this.#watches.get(parent)
    const childrenTold = there?.delete('child') === true || there?.has('persistent') === true
    if (childrenTold) {
      this.#tell(EventType.nodeChildrenChanged, parent, zxid, change.parentAcls, identities)
    }
  }

  #tell(
    type: number,
    path: string,
    zxid: Zxid,
    acls: readonly Acl[],
    identities: readonly Id[],
  ): void {
    if (permits(acls, Perm.read, identities)) this.expected.push({ type, path, zxid })
  }

  #isBelowRecursive(path: string): boolean {
    for (let at = path; ; at = parentPath(at)) {
      if (this.#watches.get(at)?.has('recursive') === true) return true
      if (at === '/') return false
    }
  }
}

const MODES_OF_TYPE: ReadonlyMap<number, readonly Mode[]> = new Map<number, readonly Mode[]>([
  [WatcherType.children, ['child']],
  [WatcherType.data, ['data']],
  [WatcherType.any, ['data', 'child', 'persistent', 'recursive']],
  [WatcherType.persistent, ['persistent']],
  [WatcherType.persistentRecursive, ['recursive']],
])

function firstAfter(changes: readonly Change[], zxid: Zxid): number {
  let at = changes.length
  while (at > 0 && changes[at - 1]!.zxid > zxid) at--
  return at
}
