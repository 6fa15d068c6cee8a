// zoo.cfg: from the file's text to options.

import { resolve } from 'node:path'
import { isMembershipKey, isWildcard } from '../protocol/quorum/server-line.ts'
import { type Configuration, ConfigurationError, Findings } from './configuration.ts'
import type { EnsembleOptions } from './ensemble/ensemble.ts'
import { MembershipLines, membershipOf } from './ensemble/membership.ts'
import { ensembleFrom } from './ensemble/own-member.ts'
import { EXTENDED_ID_MAX } from './ensemble/server-ids.ts'
import type { PropertySource } from './java/flags.ts'
import { PropertiesError, type PropertyEntry, parseProperties } from './java/properties.ts'
import { JUTE_ENTRY_MIN } from './limits.ts'
import { quorumAuthOptions, readLogins, saslOptions } from './logins.ts'
import { whyNoEffect } from './names/known-names.ts'
import { shown } from './names/secrets.ts'
import { DEFAULTS, type ServerOptions } from './options.ts'
import { INT_MAX } from './settings/kinds.ts'
import { allowedWords } from './settings/operators.ts'
import { type Draft, FILE_SETTINGS, INPUT_DEFAULTS, type Inputs } from './settings/registry.ts'
import { applySetting, SystemProperties } from './system-properties.ts'
import { checkClientTls } from './tls/checks.ts'
import { checkAdminTls, checkQuorumTls } from './tls/quorum-checks.ts'

const NO_CLIENTS = -1
const BEYOND_ASCII = /[^\0-\x7f]/
const SESSION_TICKS_MIN = 2
const SESSION_TICKS_MAX = 20

export interface FileText {
  readonly path: string
  readonly text: string
}

/** The options from a file, and from the properties set beside it; the file has precedence.
 * `readFile` is for the dynamic configuration, if the file names one. Throws ConfigurationError. */
export function configurationFrom(
  file: FileText,
  properties: readonly PropertySource[],
  readFile: (path: string) => string,
): Configuration {
  const findings = new Findings()
  const system = new SystemProperties(findings)
  for (const source of properties) system.add(source)
  const draft: Draft = { given: new Map(), server: {}, ensemble: {}, inputs: {} }
  const lines = new MembershipLines(findings)
  const named = new Set<string>()
  for (const source of sources(file, findings)) {
    const setting = FILE_SETTINGS.get(source.name)
    named.add(source.name)
    if (setting !== undefined) {
      applySetting(setting, source, draft, findings)
      const why = setting.scope === 'ensemble' ? 'ensemble' : whyNoEffect(source.name)
      if (why !== null) system.noEffect(source, why)
    } else if (isMembershipKey(source.name)) {
      lines.add(source)
    } else {
      system.addFromFile(source)
    }
  }
  system.applyTo(draft)
  const inputs = { ...INPUT_DEFAULTS, ...draft.inputs }
  if (inputs.dynamicConfigFile !== null) {
    readDynamic(inputs.dynamicConfigFile, lines, readFile, findings)
  }
  const ensemble = applyMembers(file.path, lines, draft, readFile, findings)
  const adminTls = checkAdminTls(file.path, draft, findings)
  system.explainQuietly(ensemble === 'standalone' ? 'standalone' : 'ensemble', adminTls !== null)
  const isMember = ensemble !== null && ensemble !== 'standalone'
  checkClientPort(file.path, draft, named, isMember ? 'member' : 'alone', findings)
  if (checkClientTls(file.path, draft, findings)) system.providers.add('x509')
  if (isMember) checkQuorumTls(file.path, draft, findings)
  const completed = complete(file.path, draft.server, inputs, findings)
  const logins = readLogins(inputs, system, readFile, findings)
  const options = {
    ...completed,
    configurationText: file.text,
    given: draft.given,
    configurationPath: resolve(file.path),
    x509Provider: system.providers.has('x509'),
    ensembleAuth: system.providers.has('ensemble') ? { names: inputs.ensembleAuthName } : null,
    adminTls,
    adminReloadsCertFiles:
      completed.clientCertReload || draft.ensemble.sslQuorumReloadCertFiles === true,
    quorumAuth: isMember ? quorumAuthOptions(inputs, logins, findings) : null,
    ...saslOptions({ ...completed, ...inputs }, system, logins, findings),
  }
  if (isMember && options.extendedTypes) checkExtended(file.path, ensemble, findings)
  if (findings.problems.length > 0) throw new ConfigurationError(findings.problems)
  const own = isMember ? { serverId: ensemble.serverId, ensemble } : {}
  return { options: Object.freeze({ ...options, ...own }), remarks: findings.remarks }
}

function checkExtended(path: string, ensemble: EnsembleOptions, findings: Findings): void {
  if (ensemble.serverId <= EXTENDED_ID_MAX) return
  findings.problem(
    `${path}: extendedTypesEnabled=true, and this server's id is ${ensemble.serverId}: with extended ` +
      `types no id may be larger than ${EXTENDED_ID_MAX}`,
  )
}

/** Each key once. If a key is repeated, the last one counts, as in Java. */
function sources(file: FileText, findings: Findings): PropertySource[] {
  const last = new Map<string, PropertyEntry>()
  for (const entry of parse(file, findings)) {
    const key = entry.key.trim()
    const earlier = last.get(key)
    if (earlier !== undefined && earlier.value.trim() !== entry.value.trim()) {
      findings.warn(
        `${file.path}:${entry.line}: ${key} is set again (before: line ${earlier.line}); ` +
          `${shown(key, entry.value)} counts`,
      )
    }
    last.set(key, entry)
    warnOfLetters(file.path, entry, findings)
  }
  return [...last].map(([name, entry]) => ({
    name,
    written: name,
    value: entry.value.trim(),
    origin: `${file.path}:${entry.line}`,
  }))
}

/** Java takes each byte of a properties file for a letter, so a folder with an umlaut is a
 * different one. */
function warnOfLetters(
  path: string,
  { key, value, line, text }: PropertyEntry,
  findings: Findings,
): void {
  if (!BEYOND_ASCII.test(text)) return
  const theirs = Buffer.from(value, 'utf8').toString('latin1')
  findings.warn(
    `${path}:${line}: ${key}: ZooKeeper reads letters beyond ASCII as ISO 8859-1, here ` +
      `${JSON.stringify(shown(key, theirs))}; written as \\uXXXX they mean the same to both`,
  )
}

function parse(file: FileText, findings: Findings): PropertyEntry[] {
  try {
    return parseProperties(file.text)
  } catch (error) {
    if (!(error instanceof PropertiesError)) throw error
    findings.problem(`${file.path}:${error.line}: ${error.message}`)
    return []
  }
}

function readDynamic(
  path: string,
  lines: MembershipLines,
  readFile: (path: string) => string,
  findings: Findings,
): void {
  if (!lines.isEmpty) {
    findings.problem(`server lines belong in ${path}, because dynamicConfigFile names it`)
    return
  }
  let text: string
  try {
    text = readFile(path)
  } catch (error) {
    findings.problem(`${path}: ${error instanceof Error ? error.message : String(error)}`)
    return
  }
  for (const source of sources({ path, text }, findings)) {
    if (isMembershipKey(source.name)) lines.add(source)
    else if (source.name === 'version') {
      findings.warn(
        `${source.origin}: version has no effect: the version is what the file's name ends in, if anything`,
      )
    } else {
      findings.problem(`${source.origin}: ${source.name}: only server lines are allowed here`)
    }
  }
}

/** An ensemble; null after a problem; or a standalone server, which takes its clients' port from
 * the line of its only member. */
function applyMembers(
  path: string,
  lines: MembershipLines,
  draft: Draft,
  readFile: (path: string) => string,
  findings: Findings,
): EnsembleOptions | 'standalone' | null {
  const inputs = { ...INPUT_DEFAULTS, ...draft.inputs }
  const membership = membershipOf(path, lines, inputs, findings)
  if (membership !== null) {
    // complete() reports this. Without it there is no myid to read.
    if (draft.server.dataDir === undefined) return null
    const dataDir = resolve(draft.server.dataDir)
    return ensembleFrom(path, membership, draft, dataDir, readFile, findings)
  }
  const [only, ...others] = lines.members
  if (only === undefined) return 'standalone'
  if (others.length > 0 || only.role === 'observer' || !inputs.standaloneEnabled) return null
  findings.info(`${path}: a single server line means a standalone server`)
  if (only.clientPort === null) return 'standalone'
  const { server } = draft
  if (server.clientPort !== undefined && server.clientPort !== only.clientPort) {
    findings.problem(
      `${path}: clientPort=${server.clientPort}, but the server line says ${only.clientPort}`,
    )
  }
  server.clientPort = only.clientPort
  const { clientHost } = only
  server.clientPortAddress ??= clientHost === null || isWildcard(clientHost) ? null : clientHost
  return 'standalone'
}

function checkClientPort(
  path: string,
  { server }: Draft,
  named: ReadonlySet<string>,
  who: 'member' | 'alone',
  findings: Findings,
): void {
  if (!named.has('dataDir')) findings.problem(`${path}: dataDir is not set`)
  if (server.clientPort !== undefined || server.secureClientPort !== undefined) return
  if (!named.has('clientPort') && !named.has('secureClientPort') && who === 'alone') {
    findings.problem(`${path}: clientPort is not set`)
  } else if (who === 'member') {
    findings.warn(
      `${path}: clientPort is not set: this member votes and keeps the data, but no client can reach it`,
    )
  }
}

/** Defaults for what was not set, and what follows from other settings. */
function complete(
  path: string,
  set: Draft['server'],
  { commandsWhitelist }: Inputs,
  findings: Findings,
): ServerOptions {
  const options = { ...DEFAULTS, clientPort: NO_CLIENTS, ...set }
  const { juteMaxBuffer, readOnlyMode } = options
  const extraSize = set.juteMaxBufferExtraSize ?? juteMaxBuffer
  const dataDir = resolve(options.dataDir)
  const { words, remarks } = allowedWords(commandsWhitelist, readOnlyMode ? ['isro'] : [])
  for (const remark of remarks) findings.warn(`4lw.commands.whitelist: ${remark}`)
  return {
    ...options,
    ...sessionTimeoutsOf(path, set, options.tickTimeMs, findings),
    juteMaxBufferExtraSize: Math.max(extraSize, JUTE_ENTRY_MIN - juteMaxBuffer),
    dataDir,
    dataLogDir: set.dataLogDir === undefined ? dataDir : resolve(set.dataLogDir),
    fourLetterWords: words,
  }
}

/** As QuorumPeerConfig compares them. A session lives for at least a millisecond. */
function sessionTimeoutsOf(
  path: string,
  set: Draft['server'],
  tickTimeMs: number,
  findings: Findings,
): Pick<ServerOptions, 'minSessionTimeoutMs' | 'maxSessionTimeoutMs'> {
  const ticks = (count: number): number => Math.min(tickTimeMs * count, INT_MAX)
  const min = set.minSessionTimeoutMs ?? ticks(SESSION_TICKS_MIN)
  const max = set.maxSessionTimeoutMs ?? ticks(SESSION_TICKS_MAX)
  if (min > max) {
    findings.problem(`${path}: minSessionTimeout ${min} is larger than maxSessionTimeout ${max}`)
  } else if (max < 1) {
    findings.problem(`${path}: with maxSessionTimeout ${max} every session would expire at once`)
  }
  return { minSessionTimeoutMs: Math.max(1, min), maxSessionTimeoutMs: Math.max(1, max) }
}
