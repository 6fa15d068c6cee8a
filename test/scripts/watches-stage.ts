// The watch dispatcher's stories: watches/*.txt.
//
//   attach SLOT [as NAME]          a connection, of a client that has proven to be somebody
//   watch SLOT MODE PATH           data, child, persistent or recursive
//   created|deleted|set PATH ZXID [for NAME]   a change; of a node that only NAME may read
//   remove SLOT TYPE PATH          any, data, child, persistent or recursive
//   check SLOT TYPE PATH           whether there is such a watch
//   missed SLOT created|deleted|set|children PATH   setWatches has found that this was missed
//   mark N                         a mark in the stream, for the network loop
//   hangup SLOT                    along one of the two edges

import type { Acl, Id } from '../../protocol/acl.ts'
import { WatchMode } from '../../protocol/messages/watches.ts'
import { EventType, WatcherType } from '../../protocol/op-code.ts'
import { Bench, type Effect, encode } from '../actors/watches/fixture.ts'
import type { Stage } from '../support/script.ts'

const MODES: Readonly<Record<string, WatchMode>> = {
  ...{ data: WatchMode.data, child: WatchMode.child, persistent: WatchMode.persistent },
  recursive: WatchMode.persistentRecursive,
}
const TYPES: Readonly<Record<string, number>> = {
  ...{ any: WatcherType.any, data: WatcherType.data, child: WatcherType.children },
  ...{ persistent: WatcherType.persistent, recursive: WatcherType.persistentRecursive },
}
const EVENTS: Readonly<Record<string, number>> = {
  ...{ created: EventType.nodeCreated, deleted: EventType.nodeDeleted },
  ...{ set: EventType.nodeDataChanged, children: EventType.nodeChildrenChanged },
}
const EVENT_NAMES = new Map(Object.entries(EventType).map(([name, type]) => [type as number, name]))

export function watchesStage(): Stage {
  const bench = new Bench()
  return ({ name: command, words }) => {
    const [first = '', second = '', third = '', fourth] = words
    const slot = Number(first)
    switch (command) {
      case 'attach':
        bench.connect(slot, second === 'as' ? [identity(third)] : [])
        break
      case 'watch':
        bench.watch(slot, MODES[second]!, third)
        break
      case 'created':
      case 'deleted':
      case 'set': {
        const acl = third === 'for' ? privateTo(fourth!) : null
        return bench.changed(EVENTS[command]!, first, Number(second), acl).map(say)
      }
      case 'remove':
      case 'check': {
        const bytes = encode(third)
        const removes = command === 'remove'
        bench.watches.removeWatches(slot, TYPES[second]!, removes, bytes, 0, bytes.length)
        break
      }
      case 'missed': {
        const bytes = encode(third)
        bench.watches.notify(slot, EVENTS[second]!, bytes, 0, bytes.length)
        break
      }
      case 'mark':
        bench.watches.barrier(slot)
        break
      case 'hangup':
        bench.watches.closed(slot)
        break
      default:
        throw new Error(`no such command: ${command}`)
    }
    return bench.taken().map(say)
  }
}

function say([effect, ...rest]: Effect): string {
  if (effect === 'event') {
    const [type, path, slots, zxid] = rest as [number, string, number[], number]
    return `${EVENT_NAMES.get(type)} ${path} to ${slots.join(', ')}, zxid ${zxid}`
  }
  if (effect !== 'watchResult') return [effect, ...rest].join(' ')
  const [slot, error] = rest as [number, number]
  return `answer ${slot}: ${error === 0 ? 'ok' : error}`
}

function identity(name: string): Id {
  return { scheme: 'digest', id: `${name}:x` }
}

function privateTo(name: string): Acl[] {
  return [{ perms: 31, id: identity(name) }]
}
