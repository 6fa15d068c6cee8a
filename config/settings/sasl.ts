// Settings of SASL, which is not there yet: what is said about them.

import type { MissingFeature } from '../names/missing-features.ts'

const LOGIN = 'java.security.auth.login.config'
const PROVIDER = '.SASLAuthenticationProvider'

export const MISSING_SASL: MissingFeature = {
  names: `
    SASLAuthenticationProvider. sasl. kerberos. security. requireKerberosConfig letAnySaslUserDoX
    allowSaslFailedClients jaasLoginRenew requireClientAuthScheme`,
  property: LOGIN,
  provider: PROVIDER,
  asked: (values) =>
    values.has(LOGIN) || [...values.values()].some((value) => value.endsWith(PROVIDER)),
  problem: 'no client can authenticate by SASL yet',
}
