// What the client and its shell are told besides the command line: system properties in
// CLIENT_JVMFLAGS and JVMFLAGS, as operators pass them to ZooKeeper's shell, and the file of
// -client-configuration (ZKClientConfig). Later ones of these three win. TLS, and SASL by
// DIGEST-MD5 or Kerberos, take effect.

import { Findings } from './configuration.ts'
import { type PropertySource, propertyOf, readFlags } from './java/flags.ts'
import { PropertiesError, parseProperties } from './java/properties.ts'
import { kerberosLogin, kerberosModule } from './kerberos.ts'
import { readLogins } from './logins.ts'
import { isOff } from './names/known-names.ts'
import { shown } from './names/secrets.ts'
import { KERBEROS_CONFIGURATION, type KerberosLogin } from './settings/kerberos.ts'
import { LOGIN_CONFIGURATION } from './settings/sasl.ts'
import type { Setting } from './settings/setting.ts'
import type { TlsSettings } from './settings/ssl.ts'
import { type ClientTlsSettings, clientTlsOf, TLS } from './settings/tls.ts'
import { checkStore, checkSuites } from './tls/checks.ts'

export interface ClientConfiguration {
  /** Null: no TLS. */
  readonly tls: TlsSettings | null
  /** Null: no SASL. */
  readonly sasl: { readonly user: string; readonly password: string } | ClientKerberos | null
  /** If there are any, no connection may be made. */
  readonly problems: readonly string[]
  readonly remarks: readonly string[]
}

export interface ClientKerberos {
  readonly login: KerberosLogin
  /** krb5.conf; null: the system's. */
  readonly configuration: string | null
  /** The principal of the server at a host. */
  readonly serviceAt: (host: string) => string
}

export interface ClientFile {
  readonly path: string
  readonly text: string
}

const SECURE = 'zookeeper.client.secure'
const SASL_SWITCH = 'zookeeper.sasl.client'
const SASL_SECTION = 'zookeeper.sasl.clientconfig'
const SECTION = 'Client'
const SERVICE_NAME = 'zookeeper.sasl.client.username'
const SERVICE_PRINCIPAL = 'zookeeper.server.principal'
const SERVICE_REALM = 'zookeeper.server.realm'
const SASL_KEYS: ReadonlySet<string> = new Set([
  LOGIN_CONFIGURATION,
  SASL_SWITCH,
  SASL_SECTION,
  SERVICE_NAME,
  SERVICE_PRINCIPAL,
  SERVICE_REALM,
  KERBEROS_CONFIGURATION,
])
/** TLS settings of a client, by property: those of a server whose names begin alike. */
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

/** `readFile` reads the login configuration; without it there is no SASL. */
export function clientConfiguration(
  env: Readonly<Record<string, string | undefined>>,
  file: ClientFile | null,
  readFile: ((path: string) => string) | null = null,
): ClientConfiguration {
  const problems: string[] = []
  const remarks: string[] = []
  const flags = ['CLIENT_JVMFLAGS', 'JVMFLAGS'].flatMap(
    (variable) => readFlags(variable, env[variable] ?? '').properties,
  )
  const lines = file === null ? [] : linesOf(file, problems)
  const set = new Map([...flags, ...lines].map((source) => [source.name, source]))
  const others = lines.filter(
    ({ name }) => !SASL_KEYS.has(name) && name !== SECURE && !ROWS.has(name),
  )
  if (file !== null && others.length > 0) {
    remarks.push(`${file.path} has no effect here: ${others.map(({ name }) => name).join(', ')}`)
  }
  const isSecure = set.get(SECURE)?.value.trim().toLowerCase() === 'true'
  const tls = isSecure ? tlsOf(set, problems, remarks) : null
  return {
    tls,
    sasl: readFile === null ? null : saslOf(set, readFile, problems, remarks),
    problems,
    remarks,
  }
}

/** Who the client is, according to a section of the login configuration. A file without the section
 * may be a server's, which JVMFLAGS names to both. */
function saslOf(
  set: ReadonlyMap<string, PropertySource>,
  readFile: (path: string) => string,
  problems: string[],
  remarks: string[],
): ClientConfiguration['sasl'] {
  const source = set.get(LOGIN_CONFIGURATION)
  if (source === undefined || isOff(set.get(SASL_SWITCH)?.value ?? 'true')) return null
  const findings = new Findings()
  const names = { property: (name: string) => set.get(name)?.value }
  const logins = readLogins({ loginConfig: source.value.trim() }, names, readFile, findings)
  problems.push(...findings.problems)
  const section = set.get(SASL_SECTION)?.value.trim() ?? SECTION
  const modules = logins.get(section)
  if (modules === undefined) return null
  const kerberos = kerberosModule(modules)
  if (kerberos !== undefined) {
    const login = kerberosLogin(kerberos, section, 'initiate', findings)
    problems.push(...findings.problems)
    return login && { login, ...kerberosOf(set) }
  }
  const options = modules.find((module) => module.options.has('username'))?.options
  const [user, password] = [options?.get('username'), options?.get('password')]
  if (user !== undefined && password !== undefined) return { user, password }
  remarks.push(
    `${source.origin}: ${LOGIN_CONFIGURATION}: section ${section} has no username and password: no SASL`,
  )
  return null
}

/** As SaslServerPrincipal, but the host is what it was called: reverse DNS has no say. */
function kerberosOf(set: ReadonlyMap<string, PropertySource>): Omit<ClientKerberos, 'login'> {
  const text = (name: string): string | undefined => set.get(name)?.value.trim()
  const principal = text(SERVICE_PRINCIPAL)
  const realm = text(SERVICE_REALM)
  const name = text(SERVICE_NAME) ?? 'zookeeper'
  return {
    configuration: text(KERBEROS_CONFIGURATION) ?? null,
    serviceAt: (host) => principal ?? `${name}/${host}${realm === undefined ? '' : `@${realm}`}`,
  }
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
    problems.push('zookeeper.ssl.ocsp=true: not supported; set zookeeper.ssl.crl=true instead')
  }
  const settings = clientTlsOf(options as unknown as ClientTlsSettings)
  const problem = (text: string): void => void problems.push(text)
  checkSuites(settings, problem)
  checkStore('zookeeper.ssl.keyStore', settings.keyStore, problem)
  checkStore('zookeeper.ssl.trustStore', settings.trustStore, problem)
  return settings
}
