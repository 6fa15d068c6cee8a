// What the tree tells the watches actor, as frames.

import { type WatchesMessages, WatchMode } from '../../protocol/messages/watches.ts'
import { Edge, type SenderClass } from './edge.ts'
import { bytes, flag, int, oneOf, session, slot, zxid } from './field.ts'

export const WATCHES: Edge<WatchesMessages> = new Edge<WatchesMessages>('watches', {
  attached: [slot, session],
  watch: [slot, oneOf(...Object.values(WatchMode)), bytes],
  identities: [slot, bytes],
  changed: [int, zxid, bytes],
  notify: [slot, int, bytes],
  removeWatches: [slot, int, flag, bytes],
  closed: [slot],
  barrier: [int],
  query: [int, int],
})

export const WatchesSender: SenderClass<WatchesMessages> = WATCHES.sender()
