// What the client and its shell are told beyond the command line: system properties in CLIENT_JVMFLAGS and
// JVMFLAGS, as operators pass them to ZooKeeper's shell, and the file of -client-configuration
// (ZKClientConfig). Later ones of these three win. TLS takes effect; what would have protected the
// connection in another way is reported.

import { type PropertySource, propertyOf, readFlags } from './java/flags.ts'
import { PropertiesError, parseProperties } from './java/properties.ts'
import { isOff } from './names/known-names.ts'
import { shown } from './names/secrets.ts'
import type { Setting } from './settings/setting.ts'
import type { TlsSettings } from './settings/ssl.ts'
import { type ClientTlsSettings, clientTlsOf, TLS } from './settings/tls.ts'
import { checkStore } from './tls/checks.ts'

export interface ClientConfiguration {
  /** Null: no TLS. */
  readonly tls: TlsSettings | null
  /** With any of these no connection may be made. */
  readonly problems: readonly string[]
  readonly remarks: readonly string[]
}

export interface ClientFile {
  readonly path: string
  readonly text: string
}

const SECURE = 'zookeeper.client.secure'
const LOGIN_CONFIGURATION = 'java.security.auth.login.config'
const OTHER_PROTECTION = /^zookeeper\.sasl\.client/
/** TLS settings of a client, by property: those of a server that begin alike. */
const ROWS: ReadonlyMap<string, readonly [keyof ClientTlsSettings, Setting<unknown>]> = new Map(
  Object.entries<Setting<unknown>>(TLS.options)
    .filter(([, { key }]) => /^(ringkeeper\.)?ssl\./.test(key))
    .map(([option, setting]) => [
      `zookeeper.${setting.key}`,
      [option as keyof ClientTlsSettings, setting],
    ]),
)
const DEFAULTS = Object.fromEntries(
  Object.entries<Setting<unknown>>(TLS.options).map(([option, { kind, default: text }]) => [
    option,
    typeof text === 'string' ? kind.read(text)?.value : text.value,
  ]),
) as unknown as ClientTlsSettings

export function clientConfiguration(
  env: Readonly<Record<string, string | undefined>>,
  file: ClientFile | null,
): ClientConfiguration {
  const problems: string[] = []
  const remarks: string[] = []
  const flags = ['CLIENT_JVMFLAGS', 'JVMFLAGS'].flatMap((variable) => {
    const { properties } = readFlags(variable, env[variable] ?? '')
    return properties.filter(({ name }) => name !== LOGIN_CONFIGURATION || variable !== 'JVMFLAGS')
  })
  const lines = file === null ? [] : linesOf(file, problems)
  const set = new Map([...flags, ...lines].map((source) => [source.name, source]))
  for (const { name, value, origin } of set.values()) {
    if (name !== LOGIN_CONFIGURATION && (!OTHER_PROTECTION.test(name) || isOff(value))) continue
    remarks.push(`${origin}: ${name}=${shown(name, value)} has no effect: no SASL here yet`)
  }
  const others = lines.filter(({ name }) => name !== SECURE && !ROWS.has(name))
  if (file !== null && others.length > 0) {
    remarks.push(`${file.path} has no effect here: ${others.map(({ name }) => name).join(', ')}`)
  }
  const isSecure = set.get(SECURE)?.value.trim().toLowerCase() === 'true'
  const tls = isSecure ? tlsOf(set, problems, remarks) : null
  return { tls, problems, remarks }
}

function linesOf({ path, text }: ClientFile, problems: string[]): PropertySource[] {
  try {
    return parseProperties(text).map(({ key, value, line }) =>
      propertyOf([key.trim(), value.trim()], `${path}:${line}`),
    )
  } catch (error) {
    if (!(error instanceof PropertiesError)) throw error
    problems.push(`${path}:${error.line}: ${error.message}`)
    return []
  }
}

function tlsOf(
  set: ReadonlyMap<string, PropertySource>,
  problems: string[],
  remarks: string[],
): TlsSettings {
  const options: Record<string, unknown> = { ...DEFAULTS }
  for (const [name, [option, { kind }]] of ROWS) {
    const source = set.get(name)
    if (source === undefined) continue
    const reading = kind.read(source.value.trim())
    const given = `${source.origin}: ${name}=${shown(name, source.value)}`
    if (reading === null) problems.push(`${given}: must be ${kind.allowed}`)
    else if (reading.value !== undefined) options[option] = reading.value
    if (reading?.remark) remarks.push(`${given}: ${reading.remark}`)
  }
  if (set.get('zookeeper.ssl.ocsp')?.value.trim().toLowerCase() === 'true') {
    problems.push('zookeeper.ssl.ocsp=true: not supported; zookeeper.ssl.crl=true is')
  }
  const settings = clientTlsOf(options as unknown as ClientTlsSettings)
  const problem = (text: string): void => void problems.push(text)
  checkStore('zookeeper.ssl.keyStore', settings.keyStore, problem)
  checkStore('zookeeper.ssl.trustStore', settings.trustStore, problem)
  return settings
}
