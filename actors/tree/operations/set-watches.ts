// setWatches and setWatches2, after a reconnect: the client is told at once of what it missed, and
// everything else is watched again. setWatches2 also has persistent watches.

import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { STEP_NODES } from '../../../protocol/limits.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import { EventType } from '../../../protocol/op-code.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { Steps } from '../clients/part-writer.ts'
import type { ReadRequest } from '../clients/read-request.ts'
import * as layout from '../store/node-layout.ts'
import type { ReadOperation } from './operation.ts'

/** What a list in the request holds, in the order of the lists. */
type Kind = 'data' | 'exist' | 'child' | 'persistent' | 'recursive'
const ONE_SHOT: readonly Kind[] = ['data', 'exist', 'child']
const ALL: readonly Kind[] = [...ONE_SHOT, 'persistent', 'recursive']

/** A longer request is answered in steps. */
const AT_ONCE_BYTES = 65_536

export const setWatches: ReadOperation = restoration(ONE_SHOT)
export const setWatches2: ReadOperation = restoration(ALL)

function restoration(kinds: readonly Kind[]): ReadOperation {
  return {
    read(request) {
      if (request.reader.remaining > AT_ONCE_BYTES) return 'in-steps'
      const steps = restored(request, kinds)
      while (steps.next().done !== true);
      return ErrorCode.ok
    },

    inSteps: (request) => restored(request, kinds),
  }
}

function* restored(request: ReadRequest, kinds: readonly Kind[]): Steps<ErrorCode> {
  const { reader } = request
  const seen = reader.zxid()
  request.isWatching = true
  let visited = 0
  for (const kind of kinds) {
    const count = reader.int()
    if (count < 0) throw new MalformedError('null list of paths')
    for (let i = 0; i < count; i++) {
      request.readAnyPath()
      restoreOne(request, kind, seen)
      if (++visited % STEP_NODES === 0) yield
    }
  }
  return ErrorCode.ok
}

function restoreOne(request: ReadRequest, kind: Kind, seen: Zxid): void {
  if (kind === 'persistent') {
    request.watch(WatchMode.persistent)
  } else if (kind === 'recursive') {
    request.watch(WatchMode.persistentRecursive)
  } else {
    const missed = missedEvent(request, kind, seen)
    const { slot, reader, pathStart, pathEnd } = request
    if (missed === null) request.watch(kind === 'child' ? WatchMode.child : WatchMode.data)
    else request.events.notify(slot, missed, reader.bytes, pathStart, pathEnd)
  }
}

/** The event that the client missed since `seen`; null if there was none. */
function missedEvent(request: ReadRequest, kind: Kind, seen: Zxid): EventType | null {
  const node = request.find()
  const { store } = request.tree
  if (kind === 'exist') return node === layout.NO_NODE ? null : EventType.nodeCreated
  if (node === layout.NO_NODE) return EventType.nodeDeleted
  if (kind === 'child') {
    return store.double(node, layout.PZXID) > seen ? EventType.nodeChildrenChanged : null
  }
  return store.double(node, layout.MZXID) > seen ? EventType.nodeDataChanged : null
}
