// Java system properties: those with an effect set their options, the others are explained.

import type { Findings } from './configuration.ts'
import { isJavaName, type PropertySource } from './java/flags.ts'
import {
  ENSEMBLE_REMARKS,
  isBuiltIn,
  isOff,
  isSuperUser,
  MISNAMED,
  NAMES_WITHOUT_EFFECT,
  type NoEffect,
  schemeOf,
  UNREAD,
  whyNoEffect,
} from './names/known-names.ts'
import { MissingFeatures } from './names/missing-features.ts'
import { shown } from './names/secrets.ts'
import { suggest } from './names/suggest.ts'
import {
  type Draft,
  FILE_SETTINGS,
  MISSING_FEATURES,
  type NamedSetting,
  PROPERTY_SETTINGS,
} from './settings/registry.ts'

const PREFIX = 'zookeeper.'
/** Settings of TLS between servers that the admin server's HTTPS uses as well. */
const OF_ADMIN_TLS =
  /^ssl\.quorum\.(keyStore|trustStore|protocol$|enabledProtocols$|ciphersuites$|crl$)/
const CLASS_KEYS = /^(authProvider\.|serverCnxnFactory$)/

/** Sets what the source says, or notes what is wrong with it. */
export function applySetting(
  { setting, kind, set }: NamedSetting,
  { written, value, origin }: PropertySource,
  draft: Draft,
  findings: Findings,
): void {
  const reading = kind.read(value.trim())
  const given = `${origin}: ${written}=${shown(written, value)}`
  if (reading === null) {
    findings.problem(`${given}: must be ${kind.allowed}`)
    return
  }
  if (reading.value !== undefined) {
    set(draft, reading.value)
    draft.given.set(setting.key, { text: value.trim(), origin })
  }
  if (reading.remark !== null) findings.warn(`${given}: ${reading.remark}`)
}

export class SystemProperties {
  readonly #findings: Findings
  readonly #sources: Map<string, PropertySource> = new Map()
  /** Names that mean something in an ensemble, whatever their value. */
  readonly #ofEnsembles: Map<string, PropertySource> = new Map()
  readonly #quiet: Map<NoEffect, Set<string>> = new Map()
  readonly #missing = new MissingFeatures(MISSING_FEATURES)
  /** Schemes that a provider is named for, of those that are off without one. */
  readonly providers: Set<string> = new Set()
  readonly superUsers: Set<string> = new Set()

  constructor(findings: Findings) {
    this.#findings = findings
  }

  property(name: string): string | undefined {
    return this.#sources.get(name)?.value
  }

  /** A later source of the same name counts. */
  add(source: PropertySource): void {
    this.#sources.set(source.name, source)
  }

  /** The file's key K, if the file has no key of that name: the property zookeeper.K. */
  addFromFile(source: PropertySource): void {
    const property = `${PREFIX}${source.name}`
    if (
      PROPERTY_SETTINGS.has(property) ||
      isSuperUser(source.name) ||
      whyNoEffect(source.name) !== null
    ) {
      this.#sources.set(property, { ...source, name: property })
      return
    }
    this.#findings.warn(
      `${source.origin}: ${source.name} has no effect${this.#fileAdvice(source.name)}`,
    )
  }

  /** Call it once, when all sources are there. */
  applyTo(draft: Draft): void {
    // In the order of the table, in which later names win over earlier ones.
    for (const [name, named] of PROPERTY_SETTINGS) {
      const source = this.#sources.get(name)
      if (source === undefined) continue
      applySetting(named, source, draft, this.#findings)
      if (named.scope === 'ensemble') this.noEffect(source, 'ensemble')
    }
    for (const source of this.#sources.values()) {
      if (!PROPERTY_SETTINGS.has(source.name)) this.#explain(source)
    }
    for (const warning of this.#missing.warnings()) this.#findings.warn(warning)
    if (draft.inputs.ensembleAuthName !== undefined && !this.providers.has('ensemble')) {
      this.#findings.warn(
        'ensembleAuthName has no effect without an authProvider.N that is ' +
          'org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider',
      )
    }
  }

  /** For a key of the file that is known and changes nothing. */
  noEffect(source: PropertySource, why: NoEffect): void {
    const { name, written, value, origin } = source
    const key = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name
    if (why === 'ensemble') this.#ofEnsembles.set(key, source)
    if (why === 'missing' && this.#missing.take(key, source)) return
    if (isOff(value)) return
    const scheme = key.startsWith('authProvider.') ? schemeOf(value) : null
    if (scheme !== null) {
      this.providers.add(scheme)
    } else if (CLASS_KEYS.test(key) && isBuiltIn(value)) {
      this.#note('java', key)
    } else if (CLASS_KEYS.test(key)) {
      this.#findings.warn(
        `${origin}: ${written}=${value}: has no effect: Java classes cannot be loaded`,
      )
    } else if (why === 'missing') {
      this.#findings.warn(`${origin}: ${written} is not supported yet and has no effect`)
    } else {
      this.#note(why, key)
    }
  }

  /** One line for all names that rightly change nothing. Call it last, because `kind` decides which
   * those are. */
  explainQuietly(kind: 'standalone' | 'ensemble', adminHasTls: boolean): void {
    const say = (why: NoEffect, text: string): void => {
      const all = [...(this.#quiet.get(why) ?? [])]
      const names = adminHasTls ? all.filter((name) => !OF_ADMIN_TLS.test(name)) : all
      if (names.length > 0) this.#findings.info(`${text}: ${names.sort().join(', ')}`)
    }
    if (kind === 'standalone') say('ensemble', 'only matter in an ensemble')
    else this.#explainEnsemble()
    say('java', 'concern Java, or work without being asked for')
    const unasked = this.#missing.quiet()
    if (unasked.length > 0) {
      this.#findings.info(
        `have no effect, because their feature is not switched on: ${unasked.join(', ')}`,
      )
    }
    say('logging', 'concern the log, which goes to standard output here')
  }

  #explainEnsemble(): void {
    const without: string[] = []
    for (const [key, { origin, written, value, name }] of this.#ofEnsembles) {
      const setting = (FILE_SETTINGS.get(key) ?? PROPERTY_SETTINGS.get(name))?.setting
      const text = ENSEMBLE_REMARKS.get(key)
      const remark = text === undefined ? setting?.remark : ({ at: 'on', text } as const)
      if (remark !== undefined) {
        const asks = isOff(value) === (remark.at === 'off')
        if (asks) this.#findings.warn(`${origin}: ${written} ${remark.text}`)
      } else if (setting === undefined && !isOff(value)) {
        without.push(key)
      }
    }
    if (without.length > 0) {
      this.#findings.info(`have no effect here: ${without.sort().join(', ')}`)
    }
  }

  #note(why: NoEffect, name: string): void {
    const names = this.#quiet.get(why) ?? new Set()
    this.#quiet.set(why, names.add(name))
  }

  #explain(source: PropertySource): void {
    const { name, origin } = source
    const key = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name
    if (name.startsWith(PREFIX) && isSuperUser(key)) {
      this.superUsers.add(source.value.trim())
      return
    }
    if (isJavaName(name)) {
      this.#note('java', name)
      return
    }
    const why = name.startsWith(PREFIX) || name.endsWith('.nodelay') ? whyNoEffect(key) : null
    if (why !== null) this.noEffect(source, why)
    else this.#findings.warn(`${origin}: ${name} has no effect${this.#propertyAdvice(name)}`)
  }

  #fileAdvice(key: string): string {
    const unread = UNREAD.get(key)
    if (unread !== undefined) return unread
    const right = MISNAMED.get(key)
    if (right !== undefined) return `: ZooKeeper's documentation misnames ${right}`
    const bare = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : null
    if (bare !== null && isKnownKey(bare)) return `: write ${bare}`
    if (PROPERTY_SETTINGS.has(key)) {
      return key.startsWith(PREFIX)
        ? `: write ${key.slice(PREFIX.length)}`
        : `: it is a system property, as with ZooKeeper: set -D${key}=... in SERVER_JVMFLAGS`
    }
    return didYouMean(suggest(key, fileNames()))
  }

  #propertyAdvice(name: string): string {
    const key = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name
    const unread = UNREAD.get(key)
    if (unread !== undefined) return unread
    const right = MISNAMED.get(key)
    if (right !== undefined) return `: ZooKeeper's documentation misnames ${PREFIX}${right}`
    if (FILE_SETTINGS.has(key)) {
      return `, as with ZooKeeper: set ${key} in the configuration file`
    }
    if (PROPERTY_SETTINGS.has(`${PREFIX}${key}`)) return `: write -D${PREFIX}${key}`
    if (PROPERTY_SETTINGS.has(key)) return `: write -D${key}`
    return didYouMean(suggest(name, PROPERTY_SETTINGS.keys()))
  }
}

/** Whether the file may have this key, with an effect or without. */
function isKnownKey(key: string): boolean {
  return FILE_SETTINGS.has(key) || whyNoEffect(key) !== null
}

function didYouMean(name: string | null): string {
  return name === null ? ': unknown' : `: unknown; did you mean ${name}?`
}

/** Every name that the file may have. */
function fileNames(): string[] {
  const properties = [...PROPERTY_SETTINGS.keys()]
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length))
  return [...FILE_SETTINGS.keys(), ...properties, ...NAMES_WITHOUT_EFFECT]
}
