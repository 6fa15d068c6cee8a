// Checks the settings of TLS for clients, before any file is read: what is required, and what is
// asked for but not supported.

import type { Findings } from '../configuration.ts'
import type { Draft } from '../settings/registry.ts'
import { INPUT_DEFAULTS, SERVER_DEFAULTS } from '../settings/registry.ts'
import type { StoreSettings, TlsSettings, TlsVersion } from '../settings/ssl.ts'
import { clientTlsOf, TLS, takesTls } from '../settings/tls.ts'
import { storeTypeOf } from './store-type.ts'

const SAN_TYPE_MAX = 8

/** Checks the settings of the ports for clients. Returns whether one of these ports takes TLS. */
export function checkClientTls(path: string, draft: Draft, findings: Findings): boolean {
  const options = { ...SERVER_DEFAULTS, ...draft.server }
  if (!takesTls(options)) {
    sayUnused(draft, findings)
    return false
  }
  const problem = (text: string): void => findings.problem(`${path}: ${text}`)
  const { sslOcsp, sslContextSupplierClass, sslAuthProvider } = {
    ...INPUT_DEFAULTS,
    ...draft.inputs,
  }
  if (sslOcsp) {
    problem(
      'ssl.ocsp=true: not supported, and without it the server would let in clients whose ' +
        'certificates are revoked. Set ssl.crl=true instead, put the revocation lists of each issuer into ' +
        'files, and name these in ringkeeper.ssl.crlLocations; or leave both out, and issue ' +
        'certificates that expire soon',
    )
  }
  if (sslContextSupplierClass !== null) {
    problem(`ssl.context.supplier.class=${sslContextSupplierClass}: Java classes cannot be loaded`)
  }
  if (sslAuthProvider !== 'x509') {
    problem(`ssl.authProvider=${sslAuthProvider}: must be x509: Java classes cannot be loaded`)
  }
  const tls = clientTlsOf(options)
  if (tls.keyStore.location === null) problem('TLS for clients needs ssl.keyStore.location')
  if (tls.trustStore.location === null && tls.clientAuth !== 'none') {
    problem(
      `ssl.clientAuth=${tls.clientAuth} needs ssl.trustStore.location: without it no client's ` +
        'certificate could be trusted (ssl.clientAuth=none asks for none)',
    )
  }
  checkSuites(tls, problem)
  checkStore('ssl.keyStore', tls.keyStore, problem)
  checkStore('ssl.trustStore', tls.trustStore, problem)
  checkIdentity(options, problem, (text) => findings.warn(`${path}: ${text}`))
  return true
}

/** Each version of TLS needs cipher suites of its own: those of TLSv1.3 work with no other version,
 * and no others work with TLSv1.3. */
export function checkSuites(
  { ciphers, versions }: Pick<TlsSettings, 'ciphers' | 'versions'>,
  problem: (text: string) => void,
): void {
  if (ciphers === null) return
  const isUsable = (version: TlsVersion): boolean =>
    ciphers.some((name) => name.startsWith('TLS_') === (version === 'TLSv1.3'))
  if (!versions.some(isUsable)) {
    problem(`none of the cipher suites is for ${versions.join(' or ')}, and no other version is on`)
  }
}

/** Checks that the type of a store is known. `prefix`: of its settings, such as `ssl.keyStore`. */
export function checkStore(
  prefix: string,
  store: StoreSettings,
  problem: (text: string) => void,
): void {
  if (store.location === null || storeTypeOf(store) !== null) return
  problem(
    `${prefix}.location=${store.location}: the name must end in .jks, .p12 or .pem, or ` +
      `${prefix}.type must be JKS, PKCS12 or PEM`,
  )
}

type IdentityOptions = Pick<
  typeof SERVER_DEFAULTS,
  | 'clientCertIdType'
  | 'clientCertIdSanMatchType'
  | 'clientCertIdSanMatchRegex'
  | 'clientCertIdSanExtractRegex'
>

function checkIdentity(
  options: IdentityOptions,
  problem: (text: string) => void,
  warn: (text: string) => void,
): void {
  if (options.clientCertIdType !== 'SAN') return
  const {
    clientCertIdSanMatchType: type,
    clientCertIdSanMatchRegex: match,
    clientCertIdSanExtractRegex: extract,
  } = options
  for (const pattern of [match, extract]) {
    if (pattern !== null && !isPattern(pattern)) {
      problem(`clientCertIdSan...: ${pattern} is not a regular expression in JavaScript`)
    }
  }
  const isComplete = type !== null && match !== null && extract !== null
  if (isComplete && type >= 0 && type <= SAN_TYPE_MAX) return
  warn(
    'clientCertIdType=SAN also needs clientCertIdSanMatchType from 0 to 8, ' +
      'clientCertIdSanMatchRegex and clientCertIdSanExtractRegex; as with ZooKeeper, clients are ' +
      'who the subjects of their certificates say',
  )
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

/** One line with the names of all settings that are set but have no effect. */
function sayUnused(draft: Draft, findings: Findings): void {
  const names = keysSet({ ...TLS.options, ...TLS.inputs }, draft)
  if (names.length === 0) return
  findings.info(`have no effect without TLS for clients: ${names.join(', ')}`)
}

/** The keys of those settings that the draft has values for. */
export function keysSet(
  settings: Readonly<Record<string, { readonly key: string }>>,
  { server, ensemble, inputs }: Draft,
): string[] {
  const set = new Set(Object.keys({ ...server, ...ensemble, ...inputs }))
  return Object.entries(settings)
    .filter(([option]) => set.has(option))
    .map(([, { key }]) => key)
}
