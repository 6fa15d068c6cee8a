// Logins with Kerberos: what a module Krb5LoginModule of a JAAS file says
// (com.sun.security.auth.module.Krb5LoginModule).

import type { Findings } from './configuration.ts'
import type { LoginModule } from './java/jaas.ts'
import type { KerberosLogin } from './settings/kerberos.ts'
import { LOGIN_CONFIGURATION } from './settings/sasl.ts'

const MODULE = /\.Krb5LoginModule$/

/** The section's module for Kerberos; undefined if it has none. */
export function kerberosModule(modules: readonly LoginModule[]): LoginModule | undefined {
  return modules.find(({ className }) => MODULE.test(className))
}

/** `use`: `accept` needs a key; `initiate` a key or tickets. Null after a problem. */
export function kerberosLogin(
  { options }: LoginModule,
  section: string,
  use: 'accept' | 'initiate',
  findings: Pick<Findings, 'problem'>,
): KerberosLogin | null {
  const isOn = (name: string): boolean => options.get(name)?.toLowerCase() === 'true'
  const where = `${LOGIN_CONFIGURATION}: section ${section}`
  const hasCache = isOn('useTicketCache')
  if (use === 'accept' && !isOn('useKeyTab')) {
    findings.problem(`${where} needs useKeyTab=true, and keyTab to name the file`)
    return null
  }
  if (!isOn('useKeyTab') && !hasCache) {
    findings.problem(
      `${where} needs useKeyTab=true or useTicketCache=true: nobody types a password`,
    )
    return null
  }
  const principal = options.get('principal') ?? null
  return {
    principal: principal === '*' ? null : principal,
    keyTab: options.get('keyTab')?.replace(/^(FILE|file):(\/\/(?=\/))?/, '') ?? null,
    ticketCache: hasCache && use === 'initiate' ? (options.get('ticketCache') ?? '') : null,
  }
}
