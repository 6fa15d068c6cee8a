// The result of reading a configuration: options and remarks, or everything that is wrong with it.

import type { ServerOptions } from './options.ts'

export interface Remark {
  readonly level: 'info' | 'warn'
  readonly text: string
}

export interface Configuration {
  readonly options: ServerOptions
  readonly remarks: readonly Remark[]
}

/** Nothing may start with this configuration. The message has a line for each problem. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
  }
}

/** Collects findings, so that an operator sees all of them at once. */
export class Findings {
  readonly problems: string[] = []
  readonly #remarks: Map<string, Remark> = new Map()

  problem(text: string): void {
    this.problems.push(text)
  }

  warn(text: string): void {
    this.#remarks.set(text, { level: 'warn', text })
  }

  info(text: string): void {
    this.#remarks.set(text, { level: 'info', text })
  }

  get remarks(): Remark[] {
    return [...this.#remarks.values()]
  }
}
