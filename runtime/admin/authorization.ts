// Decides whether an HTTP request may do what only an administrator may. `Authorization: SCHEME
// PROOF` proves an identity as an auth packet does, and the identities together need every
// permission on `/` (CommandAuth).

import type { ServerOptions } from '../../config/options.ts'
import { type Acl, type Id, permits } from '../../protocol/acl.ts'
import { utf8Bytes } from '../../protocol/bytes/text.ts'
import { Query, type RootAcls } from '../../protocol/messages/queries.ts'
import { Perm } from '../../protocol/op-code.ts'
import { type AuthenticationOptions, authenticate } from '../net/input/authentication.ts'
import { ask } from '../reports/ask.ts'
import type { ReportSource } from '../reports/source.ts'
import type { Asked } from './http-listener.ts'

export interface Refused {
  readonly status: 401 | 403
  readonly error: string
}

const MISSING: Refused = { status: 401, error: 'Auth info is missing for the command' }
const WRONG: Refused = { status: 401, error: 'Not authenticated' }
const NOT_ALLOWED: Refused = { status: 403, error: 'Not authorized' }

/** Why the request is refused; null if it is allowed. Rejects if the tree does not answer. */
export async function refusalOf(source: ReportSource, asked: Asked): Promise<Refused | null> {
  const { authorization, identities: certified } = asked
  const address = addressOf(asked, source.options)
  const identities = identitiesOf(authorization, address, certified, source.options)
  if (identities === 'missing') return MISSING
  if (identities === null) return WRONG
  const known: Id[] = [{ scheme: 'ip', id: address }, ...identities]
  if (source.options.skipAcl) return null
  const acls: Acl[] = (await ask<RootAcls>(source, Query.rootAcls)).map(([perms, scheme, id]) => ({
    perms,
    id: { scheme, id },
  }))
  const isAllowed = Object.values(Perm).every((perm) => permits(acls, perm, known))
  return isAllowed ? null : NOT_ALLOWED
}

/** Whoever connects can send the header, so it only counts where a proxy of ours writes it. */
function addressOf(
  { address, header }: Asked,
  { useXForwardedFor }: Pick<ServerOptions, 'useXForwardedFor'>,
): string {
  if (!useXForwardedFor) return address
  const [first = ''] = (header('x-forwarded-for') ?? '').split(',').filter((part) => part !== '')
  return first.trim() === '' ? address : first.trim()
}

function identitiesOf(
  authorization: string | null,
  address: string,
  certified: readonly Id[],
  options: AuthenticationOptions,
): readonly Id[] | 'missing' | null {
  if (authorization === null || authorization.trim() === '') return 'missing'
  const [scheme = '', proof = null, ...rest] = authorization.trim().split(/ +/)
  if (rest.length > 0) return null
  const client = { address, proof: { isSecure: certified.length > 0, identities: certified } }
  const found = authenticate(scheme, proof === null ? null : utf8Bytes(proof), client, options)
  return found === 'elsewhere' ? null : found
}
