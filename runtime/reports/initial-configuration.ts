// `initial_configuration`: the text of the configuration that the server started with, without its
// secrets.

import type { ReportSource } from './source.ts'

export interface InitialConfigurationReport {
  readonly initial_configuration: string
}

/** A line with a secret value; the key and the sign after it are captured. */
const SECRET_LINE = /^([^#!=:]*(?:password|secret|superdigest)[^=:]*[=:]\s*).+$/gim

export function initialConfiguration({
  options,
}: Pick<ReportSource, 'options'>): InitialConfigurationReport {
  return { initial_configuration: options.configurationText.replace(SECRET_LINE, '$1***') }
}
