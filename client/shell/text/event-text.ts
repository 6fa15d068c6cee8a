// Events as the shell prints them.

import { EventType } from '../../../protocol/op-code.ts'
import type { ConnectionState } from '../../connection-options.ts'
import type { WatchEvent } from '../../watch-registry.ts'

const TYPE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(EventType).map(([name, type]) => [type, capitalized(name)]),
)

const STATE_NAMES: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Disconnected',
  connected: 'SyncConnected',
  connectedReadOnly: 'ConnectedReadOnly',
  closed: 'Closed',
  expired: 'Expired',
  authFailed: 'AuthFailed',
}

/** The state in the prompt. */
export const PROMPT_STATES: Readonly<Record<ConnectionState, string>> = {
  connecting: 'CONNECTING',
  connected: 'CONNECTED',
  connectedReadOnly: 'CONNECTEDREADONLY',
  closed: 'CLOSED',
  expired: 'CLOSED',
  authFailed: 'AUTH_FAILED',
}

export function watchEventText(event: WatchEvent): string {
  const type = TYPE_NAMES.get(event.type) ?? String(event.type)
  return `WatchedEvent state:SyncConnected type:${type} path:${event.path}`
}

export function stateEventText(state: ConnectionState): string {
  return `WatchedEvent state:${STATE_NAMES[state]} type:None path:null`
}

function capitalized(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}
