// What is said of handshakes between servers that failed: each is counted, and some are logged.

import { nameOf } from '../../tls/identity/certificate.ts'
import type { Doubt } from '../../tls/verdicts.ts'
import { SayLimit } from '../say-limit.ts'

export type Fields = Readonly<Record<string, string | number>>

export interface FailureHooks {
  log(event: string, fields: Fields): void
  /** One more has failed. */
  count(): void
  nowMs(): number
}

export class Failures {
  readonly #hooks: FailureHooks
  readonly #limit = new SayLimit()

  constructor(hooks: FailureHooks) {
    this.#hooks = hooks
  }

  /** `address`: without the port. */
  add(event: string, address: string, fields: Fields): void {
    this.#hooks.count()
    const unlogged = this.#limit.ask(address, this.#hooks.nowMs())
    if (unlogged === null) return
    this.#hooks.log(event, { ...fields, ...(unlogged > 0 && { unlogged }) })
  }
}

/** Which certificate, and why not. */
export function doubtFields({ which, problem }: Doubt): Fields {
  return {
    subject: nameOf(which),
    serial: which.serialNumber,
    issuer: which.issuer?.replaceAll('\n', ',') ?? '',
    problem,
  }
}

const HUNG_UP =
  'it hung up: perhaps it takes no TLS, or does not trust our certificate; its own log may say'

const PROBLEMS: readonly (readonly [RegExp, string])[] = [
  [
    /UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE/,
    'it does not trust our certificate',
  ],
  [/CERTIFICATE_EXPIRED/, 'it says that our certificate has expired'],
  [/CERTIFICATE_REVOKED/, 'it says that our certificate is revoked'],
  [/CERTIFICATE_REQUIRED/, 'it wants a certificate of us'],
  [/NO_SHARED_CIPHER|HANDSHAKE_FAILURE/, 'there is no cipher suite that both allow'],
  [/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/, 'there is no version of TLS that both allow'],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH/, 'it does not speak TLS'],
  [/ECONNRESET|EPIPE/, HUNG_UP],
]

/** Of an error that ended a handshake; null: the other side has closed. */
export function handshakeProblem(error: Error | null): string {
  if (error === null) return HUNG_UP
  const { code = '', message } = error as NodeJS.ErrnoException
  const words = PROBLEMS.find(([pattern]) => pattern.test(code))?.[1]
  return words === undefined ? message : `${words} (${code})`
}
