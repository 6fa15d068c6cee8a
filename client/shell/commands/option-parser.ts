// Options as the shell's users know them (Apache Commons CLI): `-x` anywhere among the arguments,
// `-x value`, `-xvalue`, `-x=value`, `-xyz` for `-x -y -z`; `--` ends them. A token that begins
// with a dash and is no option is an error, unless an option expects a value.

import { CommandError } from './command-error.ts'

export interface OptionSpec {
  readonly name: string
  readonly takesValue: boolean
  /** Only one of the options with the same group name may be given. */
  readonly group?: string
}

export class ParsedArguments {
  /** The arguments that are no options, without the command's name. */
  readonly positionals: readonly string[]
  readonly #values: ReadonlyMap<string, string>

  constructor(positionals: readonly string[], values: ReadonlyMap<string, string>) {
    this.positionals = positionals
    this.#values = values
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** Null if the option was not given. */
  value(name: string): string | null {
    return this.#values.get(name) ?? null
  }

  /** A positional argument that the command's `argumentsMin` guarantees. */
  at(index: number): string {
    const value = this.positionals[index]
    if (value === undefined) throw new CommandError('missing argument')
    return value
  }
}

/** Throws a CommandError on arguments that it does not understand. */
export function parseOptions(
  specs: readonly OptionSpec[],
  tokens: readonly string[],
): ParsedArguments {
  const positionals: string[] = []
  const values = new Map<string, string>()
  let index = 0
  const valueFor = (spec: OptionSpec): string => {
    const next = tokens[index]
    if (next === undefined || looksLikeOption(specs, next)) {
      throw new CommandError(`Missing argument for option: ${spec.name}`)
    }
    index++
    return unquoted(next)
  }
  while (index < tokens.length) {
    const token = tokens[index++]!
    if (token === '--') {
      positionals.push(...tokens.slice(index))
      break
    }
    if (token === '-' || !token.startsWith('-')) positionals.push(token)
    else
      for (const [spec, inline] of split(specs, token)) {
        refuseSecondOfGroup(specs, values, spec)
        values.set(spec.name, spec.takesValue ? (inline ?? valueFor(spec)) : '')
      }
  }
  return new ParsedArguments(positionals, values)
}

/** The options in one token, each with the value that is attached to it. */
function split(specs: readonly OptionSpec[], token: string): [OptionSpec, string | null][] {
  const body = token.slice(1)
  const whole = find(specs, body)
  if (whole !== null) return [[whole, null]]
  const equals = body.indexOf('=')
  if (equals > 0) {
    const named = find(specs, body.slice(0, equals))
    if (named?.takesValue === true) return [[named, body.slice(equals + 1)]]
  }
  const found: [OptionSpec, string | null][] = []
  for (let i = 0; i < body.length; i++) {
    const spec = find(specs, body[i]!)
    if (spec === null) throw new CommandError(`Unrecognized option: ${token}`)
    if (spec.takesValue && i + 1 < body.length) {
      found.push([spec, body.slice(i + 1)])
      return found
    }
    found.push([spec, null])
  }
  return found
}

function find(specs: readonly OptionSpec[], name: string): OptionSpec | null {
  return specs.find((spec) => spec.name === name) ?? null
}

function looksLikeOption(specs: readonly OptionSpec[], token: string): boolean {
  if (token.length < 2 || !token.startsWith('-')) return false
  if (/^-\d+(\.\d+)?$/.test(token)) return false
  const name = token.slice(1).split('=')[0]!
  return find(specs, name) !== null || find(specs, name.slice(0, 1)) !== null
}

function refuseSecondOfGroup(
  specs: readonly OptionSpec[],
  values: ReadonlyMap<string, string>,
  spec: OptionSpec,
): void {
  if (spec.group === undefined) return
  for (const other of specs) {
    if (other.group !== spec.group || other === spec || !values.has(other.name)) continue
    throw new CommandError(
      `The option '${spec.name}' cannot be combined with '${other.name}': give one of them`,
    )
  }
}

function unquoted(text: string): string {
  const quoted = text.length > 1 && text.startsWith('"') && text.endsWith('"')
  return quoted ? text.slice(1, -1) : text
}
