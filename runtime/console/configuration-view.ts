// The configuration in effect: each setting with its value and where that comes from.

import { isSecret } from '../../config/names/secrets.ts'
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

function view(
  name: string,
  { key, from, default: text, meaning }: Setting<unknown>,
  values: Readonly<Record<string, unknown>>,
  given: ReportSource['options']['given'],
): SettingView {
  const source = given.get(key) ?? null
  const written = source === null ? null : source.text
  const byDefault = typeof text === 'string' ? text : text.said
  const value = valueText(values[name]) ?? written ?? byDefault
  const follows = typeof text === 'string' && value !== text ? 'other settings' : null
  const hide = (one: string): string => (isSecret(key) && one !== '' ? '***' : one)
  return {
    key: from === 'property' ? `-D${key}` : key,
    value: hide(value),
    from: source === null ? follows : source.origin,
    written: written === null || written === value ? null : hide(written),
    meaning,
  }
}

/** Null for what has no text of its own, as a set or a function. */
function valueText(value: unknown): string | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return String(value)
  }
  return null
}
