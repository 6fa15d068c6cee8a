// What a reconfiguration makes of zoo.cfg (QuorumPeerConfig.editStaticConfig): the lines about members
// go, and the file points to the one that has them instead. Every other line stays as it was written,
// comments too, which ZooKeeper drops.

import { parseProperties } from './java/properties.ts'

/** Keys of which the beginning decides, as in Java. */
const MOVED = ['server.', 'group', 'weight', 'dynamicConfigFile', 'peerType']
const CLIENTS = 'clientPort'

export interface Rewriting {
  readonly dynamicConfigFile: string
  /** Whether the server's own line says where clients connect, so that the file must not. */
  readonly dropsClientPort: boolean
}

export function rewritten(text: string, { dynamicConfigFile, dropsClientPort }: Rewriting): string {
  const isMoved = (key: string): boolean =>
    MOVED.some((moved) => key.startsWith(moved)) || (dropsClientPort && key.startsWith(CLIENTS))
  const lines = text.split('\n')
  const dropped = new Set<number>()
  for (const { key, line } of parseProperties(text)) {
    if (!isMoved(key.trim())) continue
    for (let at = line - 1; at < lines.length; at++) {
      dropped.add(at)
      if (!/(?:^|[^\\])(?:\\\\)*\\\r?$/.test(lines[at]!)) break
    }
  }
  const kept = lines.filter((_, at) => !dropped.has(at))
  while (kept.at(-1)?.trim() === '') kept.pop()
  return `${[...kept, `dynamicConfigFile=${dynamicConfigFile}`].join('\n')}\n`
}

/** Whether the file names another one that has the members. */
export function hasDynamicFile(text: string): boolean {
  return parseProperties(text).some(({ key }) => key.trim() === 'dynamicConfigFile')
}
