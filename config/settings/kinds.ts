// How the text of a setting becomes its value, and what a message says is allowed.
//
// There are two sorts of kinds, because ZooKeeper reads in two ways. At a bad value of the first
// sort it does not start, and neither do we. At a bad value of the second sort it silently takes
// something else. So do we, but we say so.

import { decodeNumber, type JavaType, parseNumber } from '../java/numbers.ts'

export interface Kind<T> {
  /** Completes the sentence "must be ...". */
  readonly allowed: string
  /** Null if the text is not allowed, and nothing can start with it. */
  read(text: string): Reading<T> | null
}

export interface Reading<T> {
  /** Undefined: as if the setting were not there. */
  readonly value: T | undefined
  /** What the operator should know about the text; usually null. */
  readonly remark: string | null
}

export const INT_MAX = 0x7fff_ffff
const DEFAULT_COUNTS = 'the default counts'

/** Any other text stops the start. `parse` returns undefined for it. */
export function strict<T>(allowed: string, parse: (text: string) => T | undefined): Kind<T> {
  return {
    allowed,
    read: (text) => {
      const value = parse(text)
      return value === undefined ? null : { value, remark: null }
    },
  }
}

/** Any other text counts as `otherwise`. Undefined means as if it were not there. */
function lenient<T>(
  allowed: string,
  parse: (text: string) => T | undefined,
  otherwise: { readonly value: T | undefined; readonly said: string },
): Kind<T> {
  const remark = `must be ${allowed}; as with ZooKeeper, ${otherwise.said}`
  return {
    allowed,
    read: (text) => {
      const value = parse(text)
      return value === undefined ? { value: otherwise.value, remark } : { value, remark: null }
    },
  }
}

/** What `kind` reads, checked once more. A remark that is there already is kept. */
export function checked<T, U>(kind: Kind<T>, look: (value: T) => Reading<U> | null): Kind<U> {
  return {
    allowed: kind.allowed,
    read: (text) => {
      const reading = kind.read(text)
      if (reading === null) return null
      if (reading.value === undefined) return { value: undefined, remark: reading.remark }
      const looked = look(reading.value)
      return looked && { value: looked.value, remark: reading.remark ?? looked.remark }
    },
  }
}

/** What `kind` reads, turned into something else. */
export function mapped<T, U>(kind: Kind<T>, map: (value: T) => U | undefined): Kind<U> {
  return checked(kind, (value) => ({ value: map(value), remark: null }))
}

/** The value; or the nearest possible one, with a remark. */
export function nearest(kind: Kind<number>, min: number, max: number = INT_MAX): Kind<number> {
  return checked(kind, (value) => {
    if (value < min) return { value: min, remark: `${min} is used, the least allowed` }
    if (value > max) return { value: max, remark: `${max} is used, the most allowed` }
    return { value, remark: null }
  })
}

/** As Integer.parseInt. */
export function integer(min: number, max: number = INT_MAX): Kind<number> {
  return strict(`a whole number from ${min} to ${max}`, (text) => {
    const value = parseNumber(text, 'int')
    return value !== undefined && value >= min && value <= max ? value : undefined
  })
}

/** Anything that the type holds. */
export const ANY_INTEGER: Kind<number> = integer(-INT_MAX - 1)
/** As Integer.getInteger and Long.getLong. */
export const DECODED_INT: Kind<number> = decoded('int')
export const DECODED_LONG: Kind<number> = decoded('long')

export function decoded(
  type: JavaType,
  allowed: string = `a whole number that Java's ${type} holds (0x is hexadecimal, 0 in front octal)`,
): Kind<number> {
  const otherwise = { value: undefined, said: DEFAULT_COUNTS }
  return lenient(allowed, (text) => decodeNumber(text, type), otherwise)
}

/** As Integer.parseInt and Long.parseLong, where ZooKeeper continues without the value. */
export function decimal(type: JavaType): Kind<number> {
  const otherwise = { value: undefined, said: DEFAULT_COUNTS }
  const allowed = `a whole number that Java's ${type} holds`
  return lenient(allowed, (text) => parseNumber(text, type), otherwise)
}

const SECRET_CHARS_MIN = 16
/** A text that nobody guesses. */
export const SECRET: Kind<string> = strict(`at least ${SECRET_CHARS_MIN} characters`, (text) =>
  text.length >= SECRET_CHARS_MIN ? text : undefined,
)

const FRACTION_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[df]?$/i

/** As Double.parseDouble, where more than 1 makes no sense. */
export const FRACTION: Kind<number> = lenient(
  'a number that is no more than 1',
  (text) => {
    const value = FRACTION_TEXT.test(text.trim()) ? Number.parseFloat(text) : Number.NaN
    return value <= 1 ? value : undefined
  },
  { value: undefined, said: DEFAULT_COUNTS },
)

export const PORT: Kind<number> = integer(0, 65_535)

const TRUE_OR_FALSE = 'true or false'

function trueOrFalse(text: string): boolean | undefined {
  return { true: true, false: false }[text.toLowerCase()]
}

/** ZooKeeper's QuorumPeerConfig: true or false in any case. */
export const BOOLEAN: Kind<boolean> = strict(TRUE_OR_FALSE, trueOrFalse)

/** As Boolean.getBoolean and Boolean.parseBoolean: everything but true is false. */
export const SWITCH: Kind<boolean> = lenient(TRUE_OR_FALSE, trueOrFalse, {
  value: false,
  said: 'it counts as false',
})

/** Everything except `yes` is no. */
export const ONLY_YES: Kind<boolean> = yesOrNo({ value: false, said: 'it counts as no' })
/** Everything except `no` is yes. */
export const UNLESS_NO: Kind<boolean> = yesOrNo({ value: true, said: 'it counts as yes' })

function yesOrNo(otherwise: { readonly value: boolean; readonly said: string }): Kind<boolean> {
  const parse = (text: string): boolean | undefined =>
    text === 'yes' ? true : text === 'no' ? false : undefined
  return lenient('yes or no, in small letters', parse, otherwise)
}

/** Any text. */
export const ANY_TEXT: Kind<string> = strict('a text', (text) => text)

export const TEXT: Kind<string> = strict('a text that is not empty', (text) =>
  text === '' ? undefined : text,
)

/** One of a list, in any case. The value is the one in the list. */
export function oneOf<T extends string>(...values: readonly T[]): Kind<T> {
  return strict(namesOf(values), (text) => sameWord(values, text))
}

/** The same, where anything else counts as `value`. */
export function oneOfOr<T extends string>(
  values: readonly T[],
  otherwise: { readonly value: T; readonly said: string },
): Kind<T> {
  return lenient(namesOf(values), (text) => sameWord(values, text), otherwise)
}

function namesOf(values: readonly string[]): string {
  return values.map((value) => (value === '' ? 'empty' : value)).join(' or ')
}

function sameWord<T extends string>(values: readonly T[], text: string): T | undefined {
  return values.find((value) => value.toLowerCase() === text.toLowerCase())
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds, as in ZooKeeper's Time.parseTimeInterval; a number without a unit is in `unit`. */
export function interval(unit: 'ms' | 'h'): Kind<number> {
  const allowed = `a number of ${unit === 'h' ? 'hours' : 'milliseconds'}, or one with ms, s, m, h or d`
  return strict(allowed, (text) => {
    const match = /^([+-]?\d+)(ms|[smhd])?$/i.exec(text)
    if (match === null) return undefined
    const [, digits = '', suffix = unit] = match
    const count = parseNumber(digits, 'int')
    return count === undefined ? undefined : count * (UNIT_MS[suffix.toLowerCase()] ?? 1)
  })
}
