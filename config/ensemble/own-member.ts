// The last step to an ensemble: which member this server is (the file `myid`), where its clients
// connect, and the times that an ensemble needs.

import { join } from 'node:path'
import type { Member } from '../../protocol/quorum/membership-config.ts'
import { serverIdIn } from '../../protocol/quorum/server-id.ts'
import { isWildcard } from '../../protocol/quorum/server-line.ts'
import type { Findings } from '../configuration.ts'
import { type Draft, ENSEMBLE_DEFAULTS, type EnsembleSettings } from '../settings/registry.ts'
import type { EnsembleOptions } from './ensemble.ts'
import type { Membership } from './membership.ts'

/** How many characters of a file's contents a message shows. */
const SHOWN_MAX = 40

/** Null after a problem. Sets the clients' address if the server's own line gives it. */
export function ensembleFrom(
  path: string,
  membership: Membership,
  draft: Draft,
  dataDir: string,
  readFile: (path: string) => string,
  findings: Findings,
): EnsembleOptions | null {
  const settings = { ...ENSEMBLE_DEFAULTS, ...draft.ensemble }
  const { initLimit, syncLimit } = settings
  const { peerType, dynamicConfigFile } = draft.inputs
  for (const [name, value] of Object.entries({ initLimit, syncLimit })) {
    if (value > 0) continue
    const found =
      value === 0 ? 'is not set, but an ensemble needs it' : `${value} must be 1 or more`
    findings.problem(`${path}: ${name} ${found}`)
  }
  checkSettings(path, settings, membership.members, findings)
  const serverId = readMyId(join(dataDir, 'myid'), membership.members, readFile, findings)
  const own = membership.members.find(({ id }) => id === serverId)
  if (serverId === null || own === undefined) return null
  if (peerType !== undefined && peerType !== own.role) {
    findings.warn(
      `${path}: peerType=${peerType}, but server.${own.id} says ${own.role}, and that counts`,
    )
  } else if (peerType === undefined && own.role === 'observer') {
    findings.warn(
      `${path}: peerType=observer is not set; server.${own.id} says so, and that counts`,
    )
  }
  applyClientAddress(path, own, draft.server, findings)
  return Object.freeze({
    ...settings,
    serverId,
    standaloneEnabled: draft.inputs.standaloneEnabled ?? true,
    membership: { ...membership, version: versionOf(dynamicConfigFile ?? '') },
    peerType: own.role,
  })
}

function checkSettings(
  path: string,
  settings: EnsembleSettings,
  members: readonly Member[],
  findings: Findings,
): void {
  const { heartbeatMs, silenceMs, minNotificationIntervalMs, maxNotificationIntervalMs } = settings
  if (silenceMs <= heartbeatMs) {
    findings.problem(
      `${path}: ringkeeper.silenceMs ${silenceMs} must be more than ` +
        `ringkeeper.heartbeatMs ${heartbeatMs}: otherwise every leader would be given up`,
    )
  }
  if (minNotificationIntervalMs > maxNotificationIntervalMs) {
    findings.warn(
      `${path}: fastleader.minNotificationInterval ${minNotificationIntervalMs} is larger than ` +
        `fastleader.maxNotificationInterval ${maxNotificationIntervalMs}, which counts after the first time`,
    )
  }
  if (settings.multiAddressEnabled) return
  for (const { id, addresses } of members) {
    if (addresses.length === 1) continue
    findings.problem(
      `${path}: server.${id} has ${addresses.length} addresses: set multiAddress.enabled=true on ` +
        'every server, or leave one',
    )
  }
}

/** Only the first line counts. */
function readMyId(
  path: string,
  members: readonly Member[],
  readFile: (path: string) => string,
  findings: Findings,
): number | null {
  const allowed =
    `it must hold this server's id, one of those in the server lines ` +
    `(${members.map(({ id }) => id).join(', ')})`
  let text: string
  try {
    text = readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const problem = code === 'ENOENT' ? 'is missing' : error instanceof Error ? error.message : ''
    findings.problem(`${path}: ${problem}: ${allowed}`)
    return null
  }
  const line = text.split(/\r\n|\n|\r/, 1)[0]?.trim() ?? ''
  const id = serverIdIn(line)
  if (id !== null && members.some((member) => member.id === id)) return id
  const shown = line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}...` : line
  findings.problem(`${path}: holds ${JSON.stringify(shown)}: ${allowed}`)
  return null
}

/** As in QuorumPeerConfig.setupClientPort: the line counts. A file that says something else is
 * wrong, unless it only says "every address" where the line gives one. */
function applyClientAddress(
  path: string,
  { id, clientHost, clientPort, addresses }: Member,
  draft: Draft['server'],
  findings: Findings,
): void {
  const inFile = draft.clientPort
  if (clientPort !== null) {
    const host = draft.clientPortAddress ?? null
    const named = host !== null && !isWildcard(host) && inFile !== undefined
    if (inFile !== undefined && inFile !== clientPort) {
      findings.problem(
        `${path}: clientPort=${inFile}, but the server line says ${clientPort} (server.${id})`,
      )
    } else if (named && !sameHost(host, clientHost ?? '')) {
      findings.problem(
        `${path}: clientPortAddress=${host}, but the server line says ${clientHost} (server.${id})`,
      )
    }
    draft.clientPort = clientPort
    draft.clientPortAddress = clientHost === null || isWildcard(clientHost) ? null : clientHost
  }
  const port = draft.clientPort
  for (const { quorumPort, electionPort } of addresses) {
    if (port !== quorumPort && port !== electionPort) continue
    findings.problem(`${path}: server.${id}: port ${port} cannot serve both clients and peers`)
  }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1'])

function sameHost(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase() || (LOOPBACK.has(a) && LOOPBACK.has(b))
}

/** As in QuorumPeerConfig.getVersionFromFilename: `zoo.cfg.dynamic.100000000` has version
 * 0x100000000; a name that does not end in a hexadecimal number has version 0. */
function versionOf(dynamicConfigFile: string): bigint {
  const ending = /\.([0-9a-fA-F]{1,16})$/.exec(dynamicConfigFile)?.[1]
  const version = ending === undefined ? 0n : BigInt(`0x${ending}`)
  return BigInt.asIntN(64, version) === version ? version : 0n
}
