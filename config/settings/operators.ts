// Settings: what operators ask a server, and what it logs.

import { FOUR_LETTER_WORDS } from '../four-letter-names.ts'
import { suggest } from '../names/suggest.ts'
import { ANY_TEXT, checked, type Kind } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface OperatorSettings {
  /** One of pino's levels. */
  readonly logLevel: string
}

export interface OperatorInputs {
  readonly commandsWhitelist: string
}

/** Log4j's levels, and pino's. */
const LEVELS: Readonly<Record<string, string>> = {
  all: 'trace',
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'fatal',
  off: 'silent',
}

/** From Log4j's `LEVEL, appender` only the level is taken. */
const LEVEL: Kind<string> = checked(ANY_TEXT, (text) => {
  if (text === '') return { value: undefined, remark: null }
  const level = LEVELS[text.split(',', 1)[0]?.trim().toLowerCase() ?? '']
  const remark =
    level === undefined ? `the level must be one of ${Object.keys(LEVELS).join(', ')}` : null
  return { value: level, remark }
})

export const OPERATORS: Chapter<OperatorSettings, OperatorInputs> = {
  title: 'For operators',
  scope: 'server',
  options: {
    logLevel: {
      key: 'root.logger',
      from: 'both',
      kind: LEVEL,
      default: 'INFO',
      where: 'runtime/process',
      meaning: "The log's level: TRACE, DEBUG, INFO, WARN, ERROR, FATAL, OFF.",
    },
  },
  inputs: {
    commandsWhitelist: {
      key: '4lw.commands.whitelist',
      from: 'both',
      kind: ANY_TEXT,
      default: '',
      where: 'config',
      meaning: 'The four-letter words to allow, or `*` for all. `srvr` is always allowed.',
    },
  },
}

/** The words that a whitelist allows, and remarks on those that do not exist. `srvr` is always
 * allowed. */
export function allowedWords(
  whitelist: string,
  others: readonly string[],
): { words: ReadonlySet<string>; remarks: string[] } {
  const words = new Set(['srvr', ...others])
  const remarks: string[] = []
  for (const word of whitelist.split(',').map((part) => part.trim())) {
    if (word === '*') for (const known of FOUR_LETTER_WORDS) words.add(known)
    else if (FOUR_LETTER_WORDS.includes(word)) words.add(word)
    else if (word !== '') {
      const near = suggest(word, FOUR_LETTER_WORDS)
      remarks.push(`there is no word ${word}${near === null ? '' : `: did you mean ${near}?`}`)
    }
  }
  return { words, remarks }
}
