// A zoo.cfg: whether a server starts with it, what each of its keys does here and in ZooKeeper, and what will
// hurt later. It is read by the server's own reader.

import { readFileSync } from 'node:fs'
import { readConfiguration } from '../../config/arguments.ts'
import { ConfigurationError } from '../../config/configuration.ts'
import {
  PropertiesError,
  type PropertyEntry,
  parseProperties,
} from '../../config/java/properties.ts'
import { type NoEffect, whyNoEffect } from '../../config/names/known-names.ts'
import { shown } from '../../config/names/secrets.ts'
import type { ServerOptions } from '../../config/options.ts'
import { FILE_SETTINGS, PROPERTY_SETTINGS } from '../../config/settings/registry.ts'
import { isMembershipKey } from '../../protocol/quorum/server-line.ts'
import type { Report } from './finding.ts'

const OWN_PREFIX = 'ringkeeper.'
const SECOND_MS = 1000
/** Below, pauses of a usual machine end sessions. */
const TICK_MS_MIN = 500
/** Longer, and what a dead client locked stays locked for as long. */
const SESSION_MS_MAX = 600_000
const INIT_MS_MIN = 10_000
const SYNC_MS_MIN = 4000
const VOTERS_MAX = 7
const JUTE_BYTES_DEFAULT = 0xfffff

const NO_EFFECT: Readonly<Record<NoEffect, string>> = {
  ensemble: 'nothing here; in ZooKeeper it tunes parts of an ensemble that work otherwise here',
  java: 'nothing here; in ZooKeeper it tunes threads, pools or caches that are not here',
  logging: "nothing here; in ZooKeeper it says where Java's log goes. Ours goes to standard output",
  missing: 'nothing here: the feature is missing',
}

/** `settings`: -Dname=value, as a server gets them beside the file; its environment counts as well. Null if
 * nothing starts with this configuration. */
export function checkConfiguration(
  path: string,
  settings: readonly string[],
  report: Report,
): ServerOptions | null {
  describeKeys(path, report)
  try {
    const { options, remarks } = readConfiguration([...settings, path], process.env)
    for (const { level, text } of remarks) {
      if (level !== 'warn') continue
      if (/has no effect: unknown/.test(text))
        report.danger(text, 'Correct the name, or remove the line.')
      else report.note(text)
    }
    checkTimes(options, report)
    checkRetention(options, report)
    checkAccess(options, report)
    checkVoters(options, report)
    return options
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    for (const problem of error.message.split('\n')) {
      report.stops(problem, 'Until this is mended no server starts with it (exit code 2).')
    }
    return null
  }
}

function describeKeys(path: string, report: Report): void {
  let entries: readonly PropertyEntry[] = []
  try {
    entries = parseProperties(readFileSync(path, 'utf8'))
  } catch (error) {
    // The server's reader says the same, and stops.
    if (!(error instanceof PropertiesError) && !(error as NodeJS.ErrnoException).code) throw error
  }
  for (const { key, value, line } of entries) {
    const name = key.trim()
    report.fact(`${line}: ${name}=${shown(name, value.trim())}: ${effectOf(name)}`)
  }
}

/** What a key does here, and in ZooKeeper. */
export function effectOf(name: string): string {
  if (isMembershipKey(name)) return 'who the members are, as in ZooKeeper'
  if (PROPERTY_SETTINGS.get(name)?.setting.from === 'property') {
    return 'nothing here, and in ZooKeeper: it is a system property, which the file cannot reach'
  }
  const found = FILE_SETTINGS.get(name) ?? PROPERTY_SETTINGS.get(`zookeeper.${name}`)
  if (found !== undefined) {
    const { key, meaning, remark } = found.setting
    const own = key.startsWith(OWN_PREFIX) || name.startsWith(OWN_PREFIX)
    const java = own ? "; in ZooKeeper nothing: it is Ringkeeper's own" : ''
    return `${plain(meaning) || 'as in ZooKeeper'}${java}${remark ? `; ${remark.text}` : ''}`
  }
  const why = whyNoEffect(name.replace(/^zookeeper\./, ''))
  return why === null ? 'nothing here; in ZooKeeper a system property of that name' : NO_EFFECT[why]
}

/** Without Markdown. */
function plain(text: string): string {
  return text
    .replace(/`/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\.$/, '')
}

function checkTimes(options: ServerOptions, report: Report): void {
  const { tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs, ensemble } = options
  if (tickTimeMs < TICK_MS_MIN) {
    report.danger(
      `tickTime=${tickTimeMs}: a pause of a disk or of the machine of ${2 * tickTimeMs} ms ends sessions`,
      'Take 2000, unless clients must notice a death within a second.',
    )
  }
  if (minSessionTimeoutMs < 2 * tickTimeMs) {
    report.danger(
      `minSessionTimeout=${minSessionTimeoutMs} is less than two ticks of ${tickTimeMs} ms`,
      'Sessions are looked at once a tick: take at least two.',
    )
  }
  if (maxSessionTimeoutMs > SESSION_MS_MAX) {
    const minutes = Math.round(maxSessionTimeoutMs / SECOND_MS / 60)
    report.note(
      `maxSessionTimeout=${maxSessionTimeoutMs}: what a dead client holds stays held for up to ${minutes} minutes`,
      'Lower it, if clients take ephemeral nodes for locks.',
    )
  }
  if (ensemble === null) return
  const initMs = ensemble.initLimit * tickTimeMs
  const syncMs = ensemble.syncLimit * tickTimeMs
  if (initMs < INIT_MS_MIN) {
    report.danger(
      `initLimit=${ensemble.initLimit} ticks are ${initMs} ms: a server that has to fetch the tree may not be done`,
      `Take at least ${Math.ceil(INIT_MS_MIN / tickTimeMs)}.`,
    )
  }
  if (syncMs < SYNC_MS_MIN) {
    report.danger(
      `syncLimit=${ensemble.syncLimit} ticks are ${syncMs} ms: a slow disk makes a follower look dead`,
      `Take at least ${Math.ceil(SYNC_MS_MIN / tickTimeMs)}.`,
    )
  }
}

function checkRetention({ purge, dataDir, dataLogDir }: ServerOptions, report: Report): void {
  if (!purge) {
    report.danger(
      'autopurge.purgeInterval is 0: snapshots and logs are never removed, and the disk fills',
      'Set autopurge.purgeInterval=1, or run zkCleanup regularly.',
    )
  }
  if (dataDir === dataLogDir) {
    report.note(
      'dataLogDir is not set: snapshots are written to the disk that every write waits for',
      'With spinning disks, or a million nodes, give the log a disk of its own.',
    )
  }
}

function checkAccess(options: ServerOptions, report: Report): void {
  const { clientPort, clientPortAddress, skipAcl, juteMaxBuffer } = options
  if (skipAcl) {
    report.danger(
      'skipACL=yes: everybody may read, change and delete everything',
      'Set it to no; or let nobody but your programs reach the port.',
    )
  }
  const isOpen = clientPort >= 0 && (clientPortAddress === null || clientPortAddress === '0.0.0.0')
  if (isOpen) {
    report.note(
      `clients connect to port ${clientPort} of every address, in plain text`,
      'docs/security.md says how to keep strangers out.',
    )
  }
  if (juteMaxBuffer > 16 * JUTE_BYTES_DEFAULT) {
    report.danger(
      `jute.maxbuffer=${juteMaxBuffer}: one request or reply may hold a thread for long, and takes that much memory`,
      'Keep large values elsewhere; set the same on clients.',
    )
  }
}

function checkVoters({ ensemble }: ServerOptions, report: Report): void {
  if (ensemble === null) {
    report.note(
      'a standalone server: when its machine or disk is gone, so is the service',
      'Three servers survive the loss of one.',
    )
    return
  }
  const { members, groups } = ensemble.membership
  const voters = members.filter(({ role }) => role === 'participant').length
  const survives = Math.floor((voters - 1) / 2)
  report.fact(`${members.length} members, ${voters} voters: the loss of ${survives} is survived`)
  if (groups.size === 0 && voters % 2 === 0) {
    report.danger(
      `${voters} voters survive no more losses than ${voters - 1}, and two halves can stop each other`,
      'Make it an odd number: add a voter, or make one an observer.',
    )
  } else if (survives === 0) {
    report.danger('one voter: its loss stops the service', 'Take three.')
  }
  if (voters > VOTERS_MAX) {
    report.note(
      `${voters} voters: every write waits for ${Math.floor(voters / 2) + 1} disks`,
      'Make some observers.',
    )
  }
  const places = members.flatMap(({ id, addresses }) =>
    addresses.flatMap(({ host, quorumPort, electionPort }) => [
      { id, place: `${host}:${quorumPort}` },
      { id, place: `${host}:${electionPort}` },
    ]),
  )
  for (const { id, place } of places) {
    const other = places.find((each) => each.place === place && each.id !== id)
    if (other === undefined || other.id < id) continue
    report.danger(`server.${id} and server.${other.id} both have ${place}`, 'Give each its own.')
  }
}
