// Who simulated clients are: each has an address, and every other one a user's name and password.

import { createHash } from 'node:crypto'
import type { Id } from '../../../protocol/acl.ts'

/** As many users as there are; some clients share one. */
const USERS = 4

/** Of those who mean no good: by it they are known not to be one of the others. */
export const HOSTILE_ADDRESS = '10.6.6.6'
export const OPERATOR_ADDRESS = '10.7.7.7'
/** Of those that prove themselves with SASL, or try to. */
export const GUESSER_ADDRESS = '10.5.5.5'
/** Whom every server knows with SASL. */
export const SASL_USER = { user: 'bob', password: 'sesame' } as const

export function addressOf(client: number): string {
  return `10.0.0.${client + 1}`
}

/** What it sends to prove that it is this user. */
export function credentialsOf(client: number): string {
  return `u${client % USERS}:x`
}

export function userOf(client: number): Id {
  const credentials = credentialsOf(client)
  const [user] = credentials.split(':')
  const hash = createHash('sha1').update(credentials).digest('base64')
  return { scheme: 'digest', id: `${user}:${hash}` }
}
