// Settings of what is sent to a collector of OpenTelemetry.

import { checked, integer, type Kind, TEXT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface TelemetrySettings {
  /** Of a collector, without a slash at the end; null: nothing is sent. */
  readonly otlpEndpoint: string | null
  readonly otlpIntervalMs: number
}

const INTERVAL_MS_MIN = 1000

const ENDPOINT: Kind<string | null> = checked(
  { ...TEXT, allowed: 'a URL that begins with http:// or https://' },
  (text) => {
    const isUrl = /^https?:\/\/./.test(text) && URL.canParse(text)
    return isUrl ? { value: text.replace(/\/+$/, ''), remark: null } : null
  },
)

export const TELEMETRY: Chapter<TelemetrySettings> = {
  title: 'OpenTelemetry',
  scope: 'server',
  options: {
    otlpEndpoint: {
      key: 'ringkeeper.otlpEndpoint',
      from: 'both',
      kind: ENDPOINT,
      default: { value: null, said: '' },
      where: 'runtime/telemetry',
      meaning:
        'A collector of OpenTelemetry, as in `http://localhost:4318`: it is sent metrics, and slow ' +
        'requests as spans, by OTLP over HTTP. This needs packages that are not installed by default ' +
        '([monitoring.md](monitoring.md#opentelemetry)).',
    },
    otlpIntervalMs: {
      key: 'ringkeeper.otlpIntervalMs',
      from: 'both',
      kind: integer(INTERVAL_MS_MIN),
      default: '60000',
      where: 'runtime/telemetry',
      meaning: 'How often that is sent.',
    },
  },
  inputs: {},
}
