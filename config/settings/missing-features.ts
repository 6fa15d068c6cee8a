// Features of ZooKeeper that are not here yet, each with all its settings: one warning for a feature
// that a configuration asks for, and none for settings of a feature that it does not ask for.

import type { PropertySource } from '../java/flags.ts'

interface Feature {
  /** Names without `zookeeper.`. */
  readonly names: RegExp
  /** Whether the settings, by name, ask for the feature. */
  asked(values: ReadonlyMap<string, string>): boolean
  readonly problem: string
}

const LOGIN = 'java.security.auth.login.config'
const SASL_PROVIDER = /\.SASLAuthenticationProvider$/

const FEATURES: readonly Feature[] = [
  {
    names: /^(secureClientPort|ssl\.|sslProvider|client\.(portUnification|certReload)|X509Auth)/,
    asked: (values) =>
      values.has('secureClientPort') || values.get('client.portUnification') === 'true',
    problem: 'no client can connect by TLS yet',
  },
  {
    names: /^admin\./,
    asked: (values) => values.get('admin.enableServer') !== 'false',
    problem: 'there is no HTTP admin server yet',
  },
  {
    names: /^metricsProvider\./,
    asked: (values) => !/\.(Default|Null)MetricsProvider$|^$/.test(classOf(values)),
    problem: 'no metrics by HTTP yet; the four-letter word mntr has them',
  },
  {
    names:
      /^(SASLAuth|sasl\.|kerberos\.|security\.|requireKerberosConfig$|letAnySaslUserDoX|allowSaslFailed|jaasLoginRenew$|requireClientAuthScheme$|java\.security\.auth\.login\.config$)/,
    asked: (values) =>
      values.has(LOGIN) || [...values.values()].some((value) => SASL_PROVIDER.test(value)),
    problem: 'no client can authenticate by SASL yet',
  },
]

function classOf(values: ReadonlyMap<string, string>): string {
  return values.get('metricsProvider.className') ?? ''
}

export class MissingFeatures {
  readonly #found: Map<Feature, Map<string, PropertySource>> = new Map()

  /** Whether the name is that of a feature, or its provider. */
  take(key: string, source: PropertySource): boolean {
    const isSasl = key.startsWith('authProvider.') && SASL_PROVIDER.test(source.value)
    const isX509 =
      key.startsWith('authProvider.') && source.value.endsWith('.X509AuthenticationProvider')
    const name = isSasl ? 'sasl.' : isX509 ? 'ssl.' : key
    const feature = FEATURES.find(({ names }) => names.test(name))
    if (feature === undefined) return false
    const found = this.#found.get(feature) ?? new Map<string, PropertySource>()
    this.#found.set(feature, found.set(key, source))
    return true
  }

  /** A warning for each that is asked for. */
  warnings(): string[] {
    const warnings: string[] = []
    for (const [{ asked, problem }, found] of this.#found) {
      const values = new Map([...found].map(([name, { value }]) => [name, value.trim()]))
      const [first] = found.values()
      if (!asked(values) || first === undefined) continue
      const verb = found.size === 1 ? 'has' : 'have'
      warnings.push(
        `${first.origin}: ${problem}: ${[...found.keys()].join(', ')} ${verb} no effect`,
      )
    }
    return warnings
  }

  /** Names of what is not asked for. */
  quiet(): string[] {
    return [...this.#found].flatMap(([{ asked }, found]) => {
      const values = new Map([...found].map(([name, { value }]) => [name, value.trim()]))
      return asked(values) ? [] : [...found.keys()]
    })
  }
}
