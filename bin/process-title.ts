// What `ps` and `pgrep -f` show of a server: scripts and health checks look for ZooKeeper's main
// class.
//
// The system has room for only as many bytes as the command line had. So zkServer.sh passes the
// class's name, which has no other effect. Other command lines may be too short for the whole name.

import { readFileSync } from 'node:fs'

const NAME = 'ringkeeper'
/** ZooKeeper's main class. */
export const MAIN_CLASS = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'

/** The longest title with the operands that fits; null if none does. Settings are left out, because
 * they may contain secrets. */
export function titleOf(operands: readonly string[], bytesMax: number): string | null {
  const names = [MAIN_CLASS, MAIN_CLASS.split('.').at(-1)]
  const titles = names.map((name) => [NAME, name, ...operands].join(' '))
  return titles.find((title) => Buffer.byteLength(title) <= bytesMax) ?? null
}

/** Sets the title of this process. */
export function setTitle(args: readonly string[]): void {
  const title = titleOf(
    args.filter((argument) => !argument.startsWith('-')),
    commandLineBytes(),
  )
  if (title !== null) process.title = title
}

function commandLineBytes(): number {
  try {
    return readFileSync('/proc/self/cmdline').length - 1
  } catch {
    return 0
  }
}
