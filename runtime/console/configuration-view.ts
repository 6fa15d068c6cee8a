// The configuration in effect: each setting with its value and where that comes from.

import { isSecret } from '../../config/names/secrets.ts'
import type { Kind } from '../../config/settings/kinds.ts'
import { CHAPTERS } from '../../config/settings/registry.ts'
import type { Setting } from '../../config/settings/setting.ts'
import { membershipText } from '../../protocol/quorum/membership-config.ts'
import type { ReportSource } from '../reports/source.ts'

export interface SettingView {
  /** As an operator writes it. */
  readonly key: string
  readonly value: string
  /** The file and line, the property, or `other settings` that it follows from; null for the
   * default. */
  readonly from: string | null
  /** What was written there, if that is not the value. */
  readonly written: string | null
  readonly meaning: string
}

export interface ChapterView {
  readonly title: string
  readonly settings: readonly SettingView[]
}

export function configurationView({ options }: Pick<ReportSource, 'options'>): object {
  const values: Readonly<Record<string, unknown>> = { ...options.ensemble, ...options }
  const isMember = options.ensemble !== null
  const chapters = CHAPTERS.filter(({ scope }) => scope === 'server' || isMember).map(
    (chapter): ChapterView => {
      const settings = Object.entries<Setting<unknown>>({ ...chapter.options, ...chapter.inputs })
      return {
        title: chapter.title,
        settings: settings.map(([name, setting]) => view(name, setting, values, options.given)),
      }
    },
  )
  const membership = isMember ? membershipText(options.ensemble.membership) : null
  return { chapters, membership }
}

/** What is written is shown as it is written, in the setting's own unit, as long as it counts. */
function view(
  name: string,
  { key, from, kind, default: text, meaning }: Setting<unknown>,
  values: Readonly<Record<string, unknown>>,
  given: ReportSource['options']['given'],
): SettingView {
  const source = given.get(key) ?? null
  const byDefault = typeof text === 'string' ? text : text.said
  const shown = source?.text ?? byDefault
  const counts = !(name in values) || isSame(kind, source?.text ?? text, values[name])
  const value = counts ? shown : (valueText(values[name]) ?? shown)
  const hide = (one: string): string => (isSecret(key) && one !== '' ? '***' : one)
  return {
    key: from === 'property' ? `-D${key}` : key,
    value: hide(value),
    from: source === null ? (value === shown ? null : 'other settings') : source.origin,
    written: source === null || value === shown ? null : hide(source.text),
    meaning,
  }
}

function isSame(kind: Kind<unknown>, text: Setting<unknown>['default'], value: unknown): boolean {
  if (typeof text !== 'string') return valueText(value) === null || value === text.value
  return kind.read(text)?.value === value
}

/** Null for what has no text of its own, as a set or a function. */
function valueText(value: unknown): string | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return String(value)
  }
  return null
}
