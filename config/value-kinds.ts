// How the text of a setting becomes its value, and what an error message says is allowed.

export interface Kind<T> {
  /** Ends the sentence "must be ...". */
  readonly allowed: string
  /** Undefined when the text is none of the allowed. */
  parse(text: string): T | undefined
}

const INT_MAX = 0x7fff_ffff
const DIGITS = /^[+-]?\d+$/

export function integer(min: number, max: number = INT_MAX): Kind<number> {
  return {
    allowed: `a whole number from ${min} to ${max}`,
    parse: (text) => {
      const value = DIGITS.test(text) ? Number(text) : Number.NaN
      return value >= min && value <= max ? value : undefined
    },
  }
}

export const PORT: Kind<number> = integer(0, 65_535)

/** ZooKeeper's QuorumPeerConfig: true or false in any case. */
export const BOOLEAN: Kind<boolean> = {
  allowed: 'true or false',
  parse: (text) => ({ true: true, false: false })[text.toLowerCase()],
}

export const YES_NO: Kind<boolean> = {
  allowed: 'yes or no',
  parse: (text) => ({ yes: true, no: false })[text.toLowerCase()],
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
      const match = /^(\d+)(ms|[smhd])?$/i.exec(text)
      if (match === null) return undefined
      const [, count, suffix = unit] = match
      const value = Number(count) * (UNIT_MS[suffix.toLowerCase()] ?? 1)
      return Number.isSafeInteger(value) ? value : undefined
    },
  }
}
