// Checks the settings of TLS between servers, before any file is read: what is required, what is
// asked for but not supported, and what lets strangers in.

import type { Findings } from '../configuration.ts'
import { adminTakesTls } from '../settings/admin.ts'
import { peersTakeTls, QUORUM_TLS, quorumTlsOf } from '../settings/quorum-tls.ts'
import type { Draft } from '../settings/registry.ts'
import { ENSEMBLE_DEFAULTS, INPUT_DEFAULTS, SERVER_DEFAULTS } from '../settings/registry.ts'
import type { TlsSettings } from '../settings/ssl.ts'
import { checkStore, checkSuites, keysSet } from './checks.ts'

const ANYBODY =
  'whoever reaches the ports for peers can pass for a server, unless SASL between servers is on'

/** Checks the settings of a member of an ensemble. */
export function checkQuorumTls(path: string, draft: Draft, findings: Findings): void {
  const settings = { ...ENSEMBLE_DEFAULTS, ...draft.ensemble }
  if (!peersTakeTls(settings)) {
    const names = keysSet({ ...QUORUM_TLS.options, ...QUORUM_TLS.inputs }, draft).filter((key) =>
      key.includes('.'),
    )
    if (names.length === 0 || adminTakesTls({ ...SERVER_DEFAULTS, ...draft.server })) return
    findings.info(`have no effect without TLS between servers: ${names.join(', ')}`)
    return
  }
  const problem = (text: string): void => findings.problem(`${path}: ${text}`)
  const { sslQuorumOcsp, sslQuorumContextSupplierClass } = { ...INPUT_DEFAULTS, ...draft.inputs }
  if (sslQuorumOcsp) {
    problem(
      'ssl.quorum.ocsp=true: not supported, and without it the server would trust servers whose ' +
        'certificates are revoked. Set ssl.quorum.crl=true instead, put the revocation lists of each ' +
        'issuer into files, and name these in ringkeeper.ssl.quorum.crlLocations; or leave both out, ' +
        'and issue certificates that expire soon',
    )
  }
  if (sslQuorumContextSupplierClass !== null) {
    problem(
      `ssl.quorum.context.supplier.class=${sslQuorumContextSupplierClass}: Java classes cannot be loaded`,
    )
  }
  const tls = quorumTlsOf(settings)
  if (tls.keyStore.location === null) {
    problem('TLS between servers needs ssl.quorum.keyStore.location')
  }
  if (tls.trustStore.location === null) {
    problem(
      'TLS between servers needs ssl.quorum.trustStore.location: without it no other server could ' +
        'be trusted',
    )
  }
  checkSuites(tls, problem)
  checkStore('ssl.quorum.keyStore', tls.keyStore, problem)
  checkStore('ssl.quorum.trustStore', tls.trustStore, problem)
  for (const [is, key, consequence] of [
    [settings.portUnification, 'portUnification=true', ANYBODY],
    [tls.clientAuth !== 'need', `ssl.quorum.clientAuth=${tls.clientAuth}`, ANYBODY],
    [
      !tls.hostnameVerification,
      'ssl.quorum.hostnameVerification=false',
      'whoever has a certificate that the trust store vouches for can pass for any server',
    ],
  ] as const) {
    if (is) findings.warn(`${path}: ${key}: ${consequence}`)
  }
}

/** For HTTPS of the admin server, which uses the servers' own stores, as ZooKeeper's does. Null without
 * HTTPS, or after a problem. */
export function checkAdminTls(path: string, draft: Draft, findings: Findings): TlsSettings | null {
  const admin = { ...SERVER_DEFAULTS, ...draft.server }
  if (!adminTakesTls(admin)) {
    if (admin.adminEnableServer && admin.adminNeedClientAuth) {
      findings.problem(
        `${path}: admin.needClientAuth=true: needs admin.forceHttps=true or admin.portUnification=true, ` +
          'or anybody could connect by HTTP',
      )
    }
    return null
  }
  const tls = quorumTlsOf({ ...ENSEMBLE_DEFAULTS, ...draft.ensemble })
  const problem = (text: string): void => findings.problem(`${path}: ${text}`)
  if (tls.keyStore.location === null) {
    problem('HTTPS for the admin server needs ssl.quorum.keyStore.location')
  }
  if (admin.adminNeedClientAuth && tls.trustStore.location === null) {
    problem('admin.needClientAuth=true needs ssl.quorum.trustStore.location')
  }
  checkSuites(tls, problem)
  checkStore('ssl.quorum.keyStore', tls.keyStore, problem)
  checkStore('ssl.quorum.trustStore', tls.trustStore, problem)
  if (admin.adminNeedClientAuth && admin.adminPortUnification && !admin.adminForceHttps) {
    findings.warn(
      `${path}: admin.portUnification=true: who comes by HTTP needs no certificate; ` +
        'admin.forceHttps=true leaves HTTPS alone',
    )
  }
  return tls
}
