// From a Kerberos principal to the identity that access lists name: ZooKeeper's auth_to_local rules
// (org.apache.zookeeper.server.auth.KerberosName), and the two properties that take host and realm away
// (SaslServerCallbackHandler).
//
//   RULE:[2:$1@$0](regular expression)s/from/to/g   DEFAULT
//
// $0 is the realm, $1 the name, $2 the host. A rule is for principals with so many parts besides the
// realm. The first that applies decides.

export interface PrincipalRules {
  /** With blanks between the rules. */
  readonly authToLocal: string
  readonly removeHost: boolean
  readonly removeRealm: boolean
}

/** `(principal, realm of this machine) -> identity`. */
export type IdentityOf = (principal: string, defaultRealm: string) => string

/** What is wrong with the rules. */
export class RulesError extends Error {
  override readonly name = 'RulesError'
}

interface Rule {
  readonly isDefault: boolean
  readonly parts: number
  readonly format: string
  readonly match: RegExp | null
  readonly from: RegExp | null
  readonly to: string
}

const PRINCIPAL = /^([^/@]*)(?:\/([^/@]*))?@([^/@]*)$/
const RULE =
  /\s*(?:(DEFAULT)|RULE:\[(\d*):([^\]]*)\](?:\(([^)]*)\))?(?:s\/([^/]*)\/([^/]*)\/(g)?)?)\s*/y

/** Throws RulesError. */
export function identities({ authToLocal, removeHost, removeRealm }: PrincipalRules): IdentityOf {
  const rules = parseRules(authToLocal)
  return (principal, defaultRealm) => {
    const [, name, host, realm] = PRINCIPAL.exec(principal) ?? []
    if (name === undefined || realm === undefined) return principal
    const short = shortName(
      rules,
      [realm, name, ...(host === undefined ? [] : [host])],
      defaultRealm,
    )
    // As in ZooKeeper: it stays what it is.
    if (short === null) return principal
    const withHost = removeHost || host === undefined ? short : `${short}/${host}`
    return removeRealm ? withHost : `${withHost}@${realm}`
  }
}

/** Null: no rule applies, or what one makes is no simple name. */
function shortName(
  rules: readonly Rule[],
  params: readonly string[],
  defaultRealm: string,
): string | null {
  for (const rule of rules) {
    const result = applied(rule, params, defaultRealm)
    if (result !== null) return /[/@]/.test(result) ? null : result
  }
  return null
}

function applied(rule: Rule, params: readonly string[], defaultRealm: string): string | null {
  if (rule.isDefault) return params[0] === defaultRealm ? (params[1] ?? null) : null
  if (rule.parts !== params.length - 1) return null
  const base = rule.format.replace(/\$(\d+)/g, (_, index: string) => params[Number(index)] ?? '')
  if (rule.match !== null && !rule.match.test(base)) return null
  return rule.from === null ? base : base.replace(rule.from, rule.to)
}

function parseRules(text: string): Rule[] {
  const rules: Rule[] = []
  let at = 0
  const end = text.trimEnd().length
  while (at < end) {
    RULE.lastIndex = at
    const found = RULE.exec(text)
    if (found === null)
      throw new RulesError(`no rule at ${JSON.stringify(text.slice(at, at + 40))}`)
    const [, isDefault, parts, format = '', match, from, to = '', repeat] = found
    rules.push({
      isDefault: isDefault !== undefined,
      parts: Number(parts ?? 0),
      format,
      match: match === undefined ? null : pattern(`^(?:${match})$`, ''),
      from: from === undefined ? null : pattern(from, repeat ?? ''),
      to,
    })
    at = RULE.lastIndex
  }
  return rules
}

function pattern(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw new RulesError(error instanceof Error ? error.message : String(error))
  }
}
