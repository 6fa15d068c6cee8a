// Settings of SASL between the members of an ensemble. Those that need the login configuration are
// put together in config/logins.ts.

import { BOOLEAN, TEXT } from './kinds.ts'
import type { Passwords } from './sasl.ts'
import type { Chapter } from './setting.ts'

/** How members prove who they are. */
export interface QuorumAuthOptions {
  /** The users that this server lets in where others dial it. */
  readonly users: Passwords
  /** The user that this server is where it dials others. */
  readonly learner: { readonly user: string; readonly password: string }
  /** Whether this server authenticates where it dials others. */
  readonly learnerRequires: boolean
  /** Whether nobody is let in without a proof. */
  readonly serverRequires: boolean
}

export interface QuorumAuthInputs {
  readonly enableSasl: boolean
  readonly learnerRequireSasl: boolean
  readonly serverRequireSasl: boolean
  readonly learnerSaslLoginContext: string
  readonly serverSaslLoginContext: string
}

export const QUORUM_AUTH: Chapter<unknown, QuorumAuthInputs> = {
  title: 'SASL between members',
  scope: 'ensemble',
  options: {},
  inputs: {
    enableSasl: {
      key: 'quorum.auth.enableSasl',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: 'config',
      meaning: 'Members may prove who they are, by DIGEST-MD5, on both of their ports.',
    },
    learnerRequireSasl: {
      key: 'quorum.auth.learnerRequireSasl',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: 'config',
      meaning: 'This member does so where it connects.',
    },
    serverRequireSasl: {
      key: 'quorum.auth.serverRequireSasl',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: 'config',
      meaning: 'This member lets in nobody who does not.',
    },
    learnerSaslLoginContext: {
      key: 'quorum.auth.learner.saslLoginContext',
      from: 'file',
      kind: TEXT,
      default: 'QuorumLearner',
      where: 'config',
      meaning: 'The section of the JAAS file with `username` and `password`.',
    },
    serverSaslLoginContext: {
      key: 'quorum.auth.server.saslLoginContext',
      from: 'file',
      kind: TEXT,
      default: 'QuorumServer',
      where: 'config',
      meaning: 'The section with `user_NAME="password"`.',
    },
  },
}
