// Where the system's OpenSSL refuses MD5, as in FIPS mode, what rests on it is off, and the start says so.

import type { ServerOptions } from '../../config/options.ts'

export interface WithoutMd5 {
  readonly options: ServerOptions
  readonly remarks: readonly string[]
  /** Why nothing may start; null if it may. */
  readonly refusal: string | null
}

/** What is left of the options. `problem`: what OpenSSL says; null if there is MD5. */
export function withoutMd5(options: ServerOptions, problem: string | null): WithoutMd5 {
  if (problem === null) return { options, remarks: [], refusal: null }
  const because = `OpenSSL refuses MD5 (${problem})`
  const remarks: string[] = []
  if (options.saslLogin !== null) {
    remarks.push(`no client can authenticate with SASL: DIGEST-MD5 is off, because ${because}`)
  }
  const usesMd5 = options.digestAlg === 'md5' && options.digestAuthEnabled
  if (usesMd5) {
    remarks.push(
      'the scheme digest is off: DigestAuthenticationProvider.digestAlg is MD5, and ' +
        `${because}; choose SHA-256`,
    )
  }
  const { quorumAuth } = options
  const refusal =
    quorumAuth === null || !('users' in quorumAuth.server || 'user' in quorumAuth.learner)
      ? null
      : `quorum.auth.enableSasl=true: members cannot authenticate with DIGEST-MD5, because ${because}`
  return {
    options: Object.freeze({
      ...options,
      saslLogin: null,
      digestAuthEnabled: options.digestAuthEnabled && !usesMd5,
    }),
    remarks,
    refusal,
  }
}
