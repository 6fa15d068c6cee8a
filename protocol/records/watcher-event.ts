// A notification, sent under a reply header with xid -1.
//
//   WatcherEvent  int type, int state, ustring path

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'

export interface WatcherEvent {
  /** One of EventType, unchecked. */
  readonly type: number
  /** One of KeeperState; a server always sends syncConnected. */
  readonly state: number
  readonly path: string
}

export function writeWatcherEvent(writer: JuteWriter, event: WatcherEvent): void {
  writer.int(event.type)
  writer.int(event.state)
  writer.string(event.path)
}

export function readWatcherEvent(reader: JuteReader): WatcherEvent {
  return { type: reader.int(), state: reader.int(), path: reader.text() }
}
