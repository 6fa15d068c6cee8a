// How the text of a setting becomes its value, and what a message says is allowed.
//
// There are two sorts of kinds, because ZooKeeper reads in two ways. At a bad value of the one it
// does not start, and neither do we. At one of the other it says nothing and takes something else:
// so do we, and say it.

import { decodeNumber, type JavaType, parseNumber } from '../java/numbers.ts'

export interface Kind<T> {
  /** Ends the sentence "must be ...". */
  readonly allowed: string
  /** Undefined when the text is none of the allowed. */
  parse(text: string): T | undefined
  /** What any other text counts as; without a value, as if it were not there. Absent: it stops the
   * start. */
  readonly otherwise?: { readonly value?: T; readonly said: string }
}

export const INT_MAX = 0x7fff_ffff
const DEFAULT_COUNTS = { said: 'the default counts' }

/** As Integer.parseInt. */
export function integer(min: number, max: number = INT_MAX): Kind<number> {
  return {
    allowed: `a whole number from ${min} to ${max}`,
    parse: (text) => {
      const value = parseNumber(text, 'int')
      return value !== undefined && value >= min && value <= max ? value : undefined
    },
  }
}

/** Whatever the type holds. */
export const ANY_INTEGER: Kind<number> = integer(-INT_MAX - 1)
/** As Integer.getInteger and Long.getLong. */
export const DECODED_INT: Kind<number> = decoded('int')
export const DECODED_LONG: Kind<number> = decoded('long')

function decoded(type: JavaType): Kind<number> {
  return {
    allowed: `a whole number that Java's ${type} holds (0x is hexadecimal, 0 in front octal)`,
    parse: (text) => decodeNumber(text, type),
    otherwise: DEFAULT_COUNTS,
  }
}

/** As Integer.parseInt and Long.parseLong where ZooKeeper goes on without the value. */
export function decimal(type: JavaType): Kind<number> {
  return {
    allowed: `a whole number that Java's ${type} holds`,
    parse: (text) => parseNumber(text, type),
    otherwise: DEFAULT_COUNTS,
  }
}

const SECRET_CHARS_MIN = 16
/** That nobody guesses. */
export const SECRET: Kind<string> = {
  allowed: `${SECRET_CHARS_MIN} characters at least`,
  parse: (text) => (text.length >= SECRET_CHARS_MIN ? text : undefined),
}

const FRACTION_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[df]?$/i

/** As Double.parseDouble, where more than 1 makes no sense. */
export const FRACTION: Kind<number> = {
  allowed: 'a number that is no more than 1',
  parse: (text) => {
    const value = FRACTION_TEXT.test(text.trim()) ? Number.parseFloat(text) : Number.NaN
    return value <= 1 ? value : undefined
  },
  otherwise: DEFAULT_COUNTS,
}

export const PORT: Kind<number> = integer(0, 65_535)

/** ZooKeeper's QuorumPeerConfig: true or false in any case. */
export const BOOLEAN: Kind<boolean> = {
  allowed: 'true or false',
  parse: (text) => ({ true: true, false: false })[text.toLowerCase()],
}

/** As Boolean.getBoolean and Boolean.parseBoolean: everything but true is false. */
export const SWITCH: Kind<boolean> = {
  ...BOOLEAN,
  otherwise: { value: false, said: 'it counts as false' },
}

/** Everything but `yes` is no. */
export const ONLY_YES: Kind<boolean> = yesOrNo(false)
/** Everything but `no` is yes. */
export const UNLESS_NO: Kind<boolean> = yesOrNo(true)

function yesOrNo(value: boolean): Kind<boolean> {
  return {
    otherwise: { value, said: `it counts as ${value ? 'yes' : 'no'}` },
    allowed: 'yes or no, in small letters',
    parse: (text) => (text === 'yes' ? true : text === 'no' ? false : undefined),
  }
}

export const TEXT: Kind<string> = {
  allowed: 'a text that is not empty',
  parse: (text) => (text === '' ? undefined : text),
}

/** One of a list, whatever its case; the value is the one in the list. */
export function oneOf<T extends string>(...values: readonly T[]): Kind<T> {
  return {
    allowed: values.map((value) => (value === '' ? 'empty' : value)).join(' or '),
    parse: (text) => values.find((value) => value.toLowerCase() === text.toLowerCase()),
  }
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds, as ZooKeeper's Time.parseTimeInterval; without a unit, so many `unit`s. */
export function interval(unit: 'ms' | 'h'): Kind<number> {
  return {
    allowed: `a number of ${unit === 'h' ? 'hours' : 'milliseconds'}, or one with ms, s, m, h or d`,
    parse: (text) => {
      const match = /^([+-]?\d+)(ms|[smhd])?$/i.exec(text)
      if (match === null) return undefined
      const [, digits = '', suffix = unit] = match
      const count = parseNumber(digits, 'int')
      return count === undefined ? undefined : count * (UNIT_MS[suffix.toLowerCase()] ?? 1)
    },
  }
}
