// `initial_configuration`: the text of the configuration that the server started with, but for secrets.

import type { ReportSource } from './source.ts'

export interface InitialConfigurationReport {
  readonly initial_configuration: string
}

/** Key and sign of a line whose value nobody is to read. */
const SECRET_LINE = /^([^#!=:]*(?:password|secret|superdigest)[^=:]*[=:]\s*).+$/gim

export function initialConfiguration({
  options,
}: Pick<ReportSource, 'options'>): InitialConfigurationReport {
  return { initial_configuration: options.configurationText.replace(SECRET_LINE, '$1***') }
}
