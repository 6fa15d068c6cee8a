// Features of ZooKeeper that are missing here, each with all its settings. There is one warning for
// each feature that a configuration asks for, and none for settings of a feature that it does not
// ask for.

import type { PropertySource } from '../java/flags.ts'
import { NameList } from './name-list.ts'

/** Each is in a file of config/settings/. */
export interface MissingFeature {
  /** The names of its settings, as NameList reads them, without `zookeeper.`. */
  readonly names: string
  /** How the names of the Java classes end that provide it (`authProvider.N`). */
  readonly provider?: string
  /** Whether the settings, by name, ask for the feature. */
  asked(values: ReadonlyMap<string, string>): boolean
  readonly problem: string
}

export class MissingFeatures {
  readonly #features: readonly { readonly feature: MissingFeature; readonly names: NameList }[]
  readonly #found: Map<MissingFeature, Map<string, PropertySource>> = new Map()

  constructor(features: readonly MissingFeature[]) {
    this.#features = features.map((feature) => ({ feature, names: new NameList(feature.names) }))
  }

  /** Whether this is the name of a feature's setting, or of its provider. */
  take(key: string, source: PropertySource): boolean {
    const isProvider = key.startsWith('authProvider.')
    const { feature } =
      this.#features.find(({ feature: { provider }, names }) => {
        const provides = provider !== undefined && isProvider && source.value.endsWith(provider)
        return provides || names.has(key)
      }) ?? {}
    if (feature === undefined) return false
    const found = this.#found.get(feature) ?? new Map<string, PropertySource>()
    this.#found.set(feature, found.set(key, source))
    return true
  }

  /** A warning for each feature that is asked for. */
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

  /** Names of settings of features that are not asked for. */
  quiet(): string[] {
    return [...this.#found].flatMap(([{ asked }, found]) => {
      const values = new Map([...found].map(([name, { value }]) => [name, value.trim()]))
      return asked(values) ? [] : [...found.keys()]
    })
  }
}
