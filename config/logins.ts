// What a server reads from a login configuration (a JAAS file), and who must have authenticated
// before anything else (ServerCnxnFactory.configureSaslLogin, AuthenticationHelper).

import type { Findings } from './configuration.ts'
import { JaasError, type LoginModule, type LoginSections, parseJaas } from './java/jaas.ts'
import { kerberosLogin, kerberosModule } from './kerberos.ts'
import type { KerberosLogin } from './settings/kerberos.ts'
import type { QuorumAuthInputs, QuorumAuthOptions } from './settings/quorum-auth.ts'
import {
  LOGIN_CONFIGURATION,
  type Passwords,
  type SaslInputs,
  type SaslOptions,
} from './settings/sasl.ts'

/** What the names of system properties say that are not a single setting. */
export interface SaslNames {
  /** Schemes for which a provider is named. */
  readonly providers: ReadonlySet<string>
  /** The values of `superUser` and of `superUser.N`. */
  readonly superUsers: ReadonlySet<string>
  /** For `${name}` in the file. */
  property(name: string): string | undefined
}

const USER_PREFIX = 'user_'
const SUPER = 'super'

/** The sections of the login configuration; none if there is no file, or after a problem. */
export function readLogins(
  { loginConfig }: Pick<SaslInputs, 'loginConfig'>,
  names: Pick<SaslNames, 'property'>,
  readFile: (path: string) => string,
  findings: Findings,
): LoginSections {
  if (loginConfig === null) return new Map()
  // As in Java: a second = makes it the only one, and a URL is as good as a path.
  const path = loginConfig.replace(/^=/, '').replace(/^file:(\/\/(?=\/))?/, '')
  try {
    return parseJaas(readFile(path), names.property)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    const where = error instanceof JaasError ? `${path}:${error.line}` : LOGIN_CONFIGURATION
    findings.problem(`${where}: ${problem}`)
    return new Map()
  }
}

/** How others prove themselves to a section's login: by passwords, or by tickets. */
interface ServerLogin {
  readonly users: Passwords | null
  readonly kerberos: KerberosLogin | null
}

/** Nulls if the section is missing. With a login for Kerberos passwords do not count, as in ZooKeeper. */
function serverLogin(section: string, logins: LoginSections, findings: Findings): ServerLogin {
  const modules = logins.get(section)
  if (modules === undefined) return { users: null, kerberos: null }
  const module = kerberosModule(modules)
  if (module === undefined) return { users: usersOf(modules), kerberos: null }
  return { users: null, kerberos: kerberosLogin(module, section, 'accept', findings) }
}

function usersOf(modules: readonly LoginModule[]): Passwords {
  const users = new Map<string, string>()
  for (const { options } of modules) {
    for (const [key, password] of options) {
      if (key.startsWith(USER_PREFIX)) users.set(key.slice(USER_PREFIX.length), password)
    }
  }
  return users
}

export function saslOptions(
  inputs: SaslInputs & { readonly digestAuthEnabled: boolean },
  names: SaslNames,
  logins: LoginSections,
  findings: Findings,
): SaslOptions {
  const { saslServerconfig, superPassword } = inputs
  const { users, kerberos } = serverLogin(saslServerconfig, logins, findings)
  const hasLogin = users !== null || kerberos !== null
  if (!hasLogin && names.providers.has('sasl')) {
    findings.warn(
      `no client can authenticate with SASL: ${LOGIN_CONFIGURATION} must name a JAAS file with a section ` +
        `${saslServerconfig}, in SERVER_JVMFLAGS`,
    )
  }
  const hasOther = superPassword !== null && users?.has(SUPER) === true
  return {
    saslLogin: hasOther ? new Map([...users, [SUPER, superPassword]]) : users,
    saslKerberos: kerberos,
    saslProvider: names.providers.has('sasl'),
    saslSuperUsers: names.superUsers,
    requiredSchemes: requiredSchemes(inputs, names, hasLogin, findings),
  }
}

function requiredSchemes(
  inputs: SaslInputs & { readonly digestAuthEnabled: boolean },
  { providers }: SaslNames,
  hasLogin: boolean,
  findings: Findings,
): ReadonlySet<string> | null {
  const { sessionRequireClientSaslAuth, enforceAuth, enforceAuthSchemes } = inputs
  if (!sessionRequireClientSaslAuth && !enforceAuth) return null
  const schemes = sessionRequireClientSaslAuth ? new Set(['sasl']) : enforceAuthSchemes
  const key = sessionRequireClientSaslAuth ? 'sessionRequireClientSASLAuth' : 'enforce.auth.schemes'
  if (schemes.size === 0) {
    findings.problem('enforce.auth.enabled=true: enforce.auth.schemes must name a scheme')
  }
  const available = new Set(['ip', ...(inputs.digestAuthEnabled ? ['digest'] : []), ...providers])
  for (const scheme of schemes) {
    if (available.has(scheme)) continue
    const advice =
      scheme === 'sasl'
        ? ': it needs authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider'
        : `; there are ${[...available].join(', ')}`
    findings.problem(`${key}: the scheme ${scheme} is not there${advice}`)
  }
  if (schemes.has('sasl') && schemes.size === 1 && !hasLogin) {
    findings.problem(
      `${key}: everybody has to authenticate with SASL, and nobody can: ${LOGIN_CONFIGURATION} ` +
        `must name a JAAS file with a section ${inputs.saslServerconfig}`,
    )
  }
  return schemes
}

/** Null unless it is switched on; null after a problem (QuorumPeerConfig, QuorumPeer.initialize). */
export function quorumAuthOptions(
  inputs: QuorumAuthInputs,
  logins: LoginSections,
  findings: Findings,
): QuorumAuthOptions | null {
  const { enableSasl, learnerRequireSasl, serverRequireSasl } = inputs
  const needs = (key: string, other: string): void =>
    findings.problem(`quorum.auth.${key}=true: needs quorum.auth.${other}=true as well`)
  if (!enableSasl && learnerRequireSasl) needs('learnerRequireSasl', 'enableSasl')
  if (!enableSasl && serverRequireSasl) needs('serverRequireSasl', 'enableSasl')
  if (!learnerRequireSasl && serverRequireSasl) needs('serverRequireSasl', 'learnerRequireSasl')
  if (!enableSasl) return null
  const server = quorumServer(inputs, logins, findings)
  const learner = quorumLearner(inputs, logins, findings)
  if (server === null || learner === null) return null
  return {
    server,
    learner,
    learnerRequires: learnerRequireSasl,
    serverRequires: serverRequireSasl,
  }
}

/** Null after a problem. */
function quorumServer(
  { serverSaslLoginContext: section }: QuorumAuthInputs,
  logins: LoginSections,
  findings: Findings,
): QuorumAuthOptions['server'] | null {
  const modules = quorumSection(section, logins, findings)
  if (modules === null) return null
  const module = kerberosModule(modules)
  if (module !== undefined) {
    const kerberos = kerberosLogin(module, section, 'accept', findings)
    return kerberos && { kerberos }
  }
  const users = usersOf(modules)
  if (users.size > 0) return { users }
  findings.problem(`${LOGIN_CONFIGURATION}: section ${section} needs a user_NAME`)
  return null
}

/** Null after a problem. */
function quorumLearner(
  { learnerSaslLoginContext: section, kerberosServicePrincipal }: QuorumAuthInputs,
  logins: LoginSections,
  findings: Findings,
): QuorumAuthOptions['learner'] | null {
  const modules = quorumSection(section, logins, findings)
  if (modules === null) return null
  const module = kerberosModule(modules)
  if (module !== undefined) {
    const kerberos = kerberosLogin(module, section, 'initiate', findings)
    return kerberos && { kerberos, servicePrincipal: kerberosServicePrincipal }
  }
  const options = modules.find((each) => each.options.has('username'))?.options
  const [user, password] = [options?.get('username'), options?.get('password')]
  if (user !== undefined && password !== undefined) return { user, password }
  findings.problem(`${LOGIN_CONFIGURATION}: section ${section} needs a username and a password`)
  return null
}

/** A login that is missing must not leave the ports open, so nothing starts. */
function quorumSection(
  name: string,
  logins: LoginSections,
  findings: Findings,
): readonly LoginModule[] | null {
  const modules = logins.get(name)
  if (modules !== undefined) return modules
  findings.problem(
    `quorum.auth.enableSasl=true: ${LOGIN_CONFIGURATION} must name a JAAS file with a section ${name}`,
  )
  return null
}
