// Reads configurations of ensembles from text and files in memory.

import { ok } from 'node:assert/strict'
import { type Configuration, ConfigurationError } from '../../config/configuration.ts'
import type { EnsembleOptions } from '../../config/ensemble/ensemble.ts'
import { propertyOf } from '../../config/java/flags.ts'
import { configurationFrom } from '../../config/zoo-cfg.ts'

/** What every member's file has. */
export const LEAST: string = 'dataDir=/d\nclientPort=2181\ninitLimit=10\nsyncLimit=5\n'
export const THREE: string = 'server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\n'

export type Files = Readonly<Record<string, string>>

export function read(
  text: string,
  files: Files = { '/d/myid': '1\n' },
  properties: Readonly<Record<string, string>> = {},
): Configuration {
  const sources = Object.entries(properties).map((entry) => propertyOf(entry, 'JVMFLAGS'))
  return configurationFrom({ path: 'zoo.cfg', text }, sources, (path) => {
    const content = files[path]
    if (content !== undefined) return content
    throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
  })
}

export function ensembleOf(
  text: string,
  files?: Files,
  properties?: Readonly<Record<string, string>>,
): EnsembleOptions {
  const { ensemble } = read(LEAST + text, files, properties).options
  ok(ensemble !== null)
  return ensemble
}

export function warningsOf(text: string): string {
  return read(LEAST + text)
    .remarks.filter(({ level }) => level === 'warn')
    .map(({ text }) => text)
    .join('\n')
}

export function refusal(text: string, files?: Files): string {
  try {
    read(text, files)
  } catch (error) {
    ok(error instanceof ConfigurationError)
    return error.message
  }
  throw new Error(`accepted: ${text}`)
}
