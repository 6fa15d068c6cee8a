// The table of settings holds together: one name for a setting from the file to where it is obeyed,
// defaults that are values, names that nobody else has.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { whyNoEffect } from '../../config/names/known-names.ts'
import { DEFAULTS } from '../../config/options.ts'
import {
  CHAPTERS,
  ENSEMBLE_DEFAULTS,
  FILE_SETTINGS,
  INPUT_DEFAULTS,
  PROPERTY_SETTINGS,
} from '../../config/settings/registry.ts'
import type { Setting } from '../../config/settings/setting.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const SETTINGS: readonly (readonly [option: string, setting: Setting<unknown>])[] =
  CHAPTERS.flatMap(({ options, inputs }) =>
    Object.entries<Setting<unknown>>({ ...options, ...inputs }),
  )

/** Options that are more, or less, than their key says. */
const RENAMED: Readonly<Record<string, string>> = {
  authToLocal: 'the key has underscores',
  purge: 'of the interval it only counts whether there is one',
  adminRateLimiterIntervalMs: 'the key ends in MS in capitals, behind an In',
  logLevel: 'the key is of Java’s logger',
  x509SuperUser: 'without its class the key is just `superUser`, which SASL has too',
  digestAuthEnabled: 'without its prefix the key is just `enabled`',
}

/** Letters alone: `nio.sessionlessCnxnTimeout` and `sessionlessCnxnTimeoutMs` have the same end. */
function lettersOf(name: string): string {
  return name
    .replace(/(InKb|InMb|Bytes|Ms|ms)$/, '')
    .replace(/\W/g, '')
    .toLowerCase()
    .replace(/enabled$/, '')
}

describe('the table of settings', () => {
  for (const [option, setting] of SETTINGS) {
    test(`${setting.key} is ${option} where it is obeyed`, () => {
      const same = lettersOf(setting.key).endsWith(lettersOf(option).replace(/^container/, ''))
      ok(same || RENAMED[option] !== undefined, `${option} is not named as ${setting.key}`)
      const where = join(ROOT, setting.where)
      ok(
        sourcesOf(where).some((file) =>
          new RegExp(`\\b${option}\\b`).test(readFileSync(file, 'utf8')),
        ),
        `nothing in ${setting.where} reads ${option}`,
      )
    })

    test(`${setting.key} has a default that can be written`, () => {
      if (typeof setting.default !== 'string') return
      const reading = setting.kind.read(setting.default)
      ok(reading?.value !== undefined)
      strictEqual(reading.remark, null)
      const defaults: Readonly<Record<string, unknown>> = {
        ...DEFAULTS,
        ...ENSEMBLE_DEFAULTS,
        ...INPUT_DEFAULTS,
      }
      deepStrictEqual(defaults[option], reading.value)
    })
  }

  test('no option and no name is there twice', () => {
    const names = SETTINGS.map(([option]) => option)
    deepStrictEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    )
    const keys = SETTINGS.map(([, { key }]) => key)
    deepStrictEqual(
      keys.filter((key, i) => keys.indexOf(key) !== i),
      [],
    )
    const reached = SETTINGS.filter(([, { from }]) => from !== 'property').map(([, { key }]) => key)
    const both = [...PROPERTY_SETTINGS.keys()].map((name) => name.replace(/^zookeeper\./, ''))
    deepStrictEqual(
      reached.filter((key) => !FILE_SETTINGS.has(key) && !both.includes(key)),
      [],
    )
  })

  test('no key with an effect is on a list of those without, unless a whole prefix is', () => {
    const listed = SETTINGS.filter(([, { key }]) => whyNoEffect(key) !== null)
    deepStrictEqual(listed.map(([, { key }]) => key).sort(), [
      'client.certReload',
      'client.portUnification',
      'fastleader.finalizeWaitMs',
      'fastleader.maxNotificationInterval',
      'fastleader.minNotificationInterval',
      'multiAddress.enabled',
      'nio.sessionlessCnxnTimeout',
      'root.logger',
    ])
  })
})

function sourcesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(path, name))
}
