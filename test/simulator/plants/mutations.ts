// Servers broken on purpose, each in one way: the checkers must notice. What cannot be reached from
// outside is patched on a prototype and put back.

import type { Files, OpenFile } from '../../../actors/log/files/files.ts'
import { Requests } from '../../../actors/tree/clients/requests.ts'
import { DataTree } from '../../../actors/tree/store/data-tree.ts'
import { SessionTable } from '../../../actors/tree/store/session-table.ts'
import { Outstanding } from '../../../actors/tree/writes/outstanding.ts'
import { Preparation } from '../../../actors/tree/writes/preparation.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { WatchFilter } from '../../../protocol/watch-filter.ts'
import type { NetworkLoop } from '../../../runtime/net/network-loop.ts'
import { LastHeardTable } from '../../../runtime/shared/last-heard.ts'
import { passedOn } from '../../support/passed-on.ts'
import type { SimulationOptions } from '../options.ts'
import type { SimulatedDisk } from '../world/disk.ts'
import { patched } from './patch.ts'
import { type Tampering, UNTAMPERED } from './tampering.ts'

export interface Mutation {
  readonly name: string
  /** Who must notice, as the failure's text says it. */
  readonly caughtAs: RegExp
  readonly tampering: Tampering
  /** In place of what the seed draws. */
  readonly options?: Partial<SimulationOptions>
  /** Patches what tampering cannot reach; returns how to put it back. */
  patch?(): () => void
}

const EXPIRY_EARLY_MS = 3000

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a write is acknowledged before it is synced',
    caughtAs: /a client has seen|is no transaction log|damaged/,
    tampering: { ...UNTAMPERED, files: unsynced },
  },
  {
    name: 'half of a multi is applied',
    caughtAs: /digest|answer to|Expected/,
    tampering: UNTAMPERED,
    patch: () => {
      let applied = 0
      return patched(DataTree.prototype, 'setData', (original) => {
        return function halved(this: DataTree, write) {
          const isSecond = applied === write.zxid
          applied = write.zxid
          return isSecond ? ErrorCode.ok : original.call(this, write)
        }
      })
    },
  },
  {
    name: 'a watch event is dropped',
    caughtAs: /events up to/,
    tampering: { ...UNTAMPERED, network: droppingEvents },
  },
  {
    name: 'the filter takes a watched path for unwatched',
    caughtAs: /events up to/,
    tampering: UNTAMPERED,
    patch: () => patched(WatchFilter.prototype, 'mayWatch', () => () => false),
  },
  {
    name: 'a reply overtakes the events before it',
    caughtAs: /events up to/,
    tampering: { ...UNTAMPERED, network: eventsLast },
  },
  {
    name: 'two replies change places',
    caughtAs: /next in line/,
    tampering: { ...UNTAMPERED, network: repliesSwapped },
  },
  {
    name: 'sessions expire a tick early',
    caughtAs: /expired .* after it was heard|session that pinged/,
    tampering: { ...UNTAMPERED, heard: (table) => new Forgetful(table.memory) },
  },
  {
    name: 'a silent session is never closed',
    caughtAs: /outlives its timeout/,
    tampering: { ...UNTAMPERED, heard: (table) => new Hearing(table.memory) },
  },
  {
    name: 'a closed session stays in the table',
    caughtAs: /ephemerals by session|opened twice/,
    tampering: UNTAMPERED,
    patch: () => patched(SessionTable.prototype, 'remove', () => () => undefined),
  },
  {
    name: 'a snapshot is written of a tree that goes on',
    caughtAs: /digest|came back|Expected|answer to|contradict|neither/,
    tampering: {
      ...UNTAMPERED,
      frozen: ({ data }) => {
        data.store.nodes.thaw()
        data.store.valuePages.thaw()
      },
    },
  },
  {
    name: '3127: a snapshot is named by a transaction of which it does not hold all',
    caughtAs: /digest|came back|Expected|answer to|contradict|neither|recovered|seen|ephemeral/,
    tampering: {
      ...UNTAMPERED,
      frozen: (_, frozen) => Object.assign(frozen, { zxid: frozen.zxid + 1 }),
    },
  },
  {
    name: '3144: a snapshot holds ephemerals of a session that it does not hold',
    caughtAs: /ephemeral|session|refused|Expected/,
    tampering: { ...UNTAMPERED, frozen: (_, frozen) => frozen.sessions.pop() },
  },
  {
    name: 'a read does not wait for the writes before it',
    caughtAs: /next in line/,
    tampering: UNTAMPERED,
    patch: () =>
      patched(
        Requests.prototype,
        'take',
        (original) =>
          function (this: Requests, request) {
            request.connection.awaited = null
            original.call(this, request)
          },
      ),
  },
  {
    name: 'a failed multi is not taken back',
    caughtAs: /digest|expected|answer to/,
    tampering: UNTAMPERED,
    patch: () => patched(Outstanding.prototype, 'rollback', () => () => undefined),
  },
  {
    name: 'an ephemeral outlives its session',
    caughtAs: /what a closing session deletes/,
    tampering: UNTAMPERED,
    patch: () => {
      return patched(Preparation.prototype, 'deleteOwned', (original) => {
        let closing = 0
        return function (this: Preparation, path, by) {
          const isFirst = closing !== by.zxid
          closing = by.zxid
          return !isFirst && original.call(this, path, by)
        }
      })
    },
  },
]

/** Every heard time lies a tick back. */
class Forgetful extends LastHeardTable {
  override lastHeardMs(slot: number): number {
    return super.lastHeardMs(slot) - EXPIRY_EARLY_MS
  }
}

/** Everybody was heard just now. */
class Hearing extends LastHeardTable {
  override lastHeardMs(): number {
    return this.networkAliveMs()
  }
}

export function unsynced(disk: SimulatedDisk): Files {
  const lying = (file: OpenFile): OpenFile => ({ ...file, sync: () => undefined })
  return {
    ...passedOn(disk),
    open: (folder, name, mode) => lying(disk.open(folder, name, mode)),
  }
}

const EVENTS_KEPT = 4

function droppingEvents(network: NetworkLoop): void {
  const event = network.event.bind(network)
  let count = 0
  network.event = (bytes, start, end) => {
    if (++count % EVENTS_KEPT !== 0) event(bytes, start, end)
  }
}

function eventsLast(network: NetworkLoop): void {
  const event = network.event.bind(network)
  const reply = network.reply.bind(network)
  const held: Uint8Array[] = []
  network.event = (bytes, start, end) => {
    held.push(bytes.slice(start, end))
  }
  network.reply = (...args) => {
    reply(...args)
    for (const bytes of held.splice(0)) event(bytes, 0, bytes.length)
  }
}

function repliesSwapped(network: NetworkLoop): void {
  const reply = network.reply.bind(network)
  let held: Parameters<NetworkLoop['reply']> | null = null
  network.reply = (slot, xid, zxid, closeAfter, bytes, start, end) => {
    if (held === null && !closeAfter) {
      held = [slot, xid, zxid, closeAfter, bytes.slice(start, end), 0, end - start]
      return
    }
    reply(slot, xid, zxid, closeAfter, bytes, start, end)
    if (held !== null) reply(...held)
    held = null
  }
}
