// `host[:port][,host[:port]...][/chroot]`, with IPv6 addresses in brackets.

import { badArguments } from './zk-error.ts'

export interface HostPort {
  readonly host: string
  readonly port: number
}

export interface ConnectString {
  readonly hosts: readonly HostPort[]
  /** Empty, or a path above every path of this client. */
  readonly chroot: string
}

const PORT_DEFAULT = 2181
const PORT_MAX = 65_535

/** Throws a ZkError (badArguments) if it names no host. */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf('/')
  const hostList = slash < 0 ? text : text.slice(0, slash)
  const chroot = slash < 0 ? '' : text.slice(slash)
  const hosts = hostList
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseHostPort)
  if (hosts.length === 0) throw badArguments(null, `no server in "${text}"`)
  return { hosts, chroot: chroot === '/' ? '' : chroot }
}

function parseHostPort(text: string): HostPort {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text)
  const plain = /^([^:]+)(?::(\d+))?$/.exec(text)
  const match = bracketed ?? plain
  // More than one colon, and no brackets: a bare IPv6 address.
  if (match === null) return { host: text, port: PORT_DEFAULT }
  const port = match[2] === undefined ? PORT_DEFAULT : Number(match[2])
  if (port > PORT_MAX) throw badArguments(null, `no server in "${text}"`)
  return { host: match[1]!, port }
}

/** The path at the server for a client's path. */
export function underChroot(chroot: string, path: string): string {
  if (chroot === '') return path
  return path === '/' ? chroot : chroot + path
}

/** The client's path for a path at the server. */
export function withoutChroot(chroot: string, path: string): string {
  if (chroot === '' || !path.startsWith(chroot)) return path
  return path.length === chroot.length ? '/' : path.slice(chroot.length)
}
