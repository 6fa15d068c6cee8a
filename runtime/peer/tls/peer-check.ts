// Whether the server at the other end of a handshake is one of ours, as its certificate says
// (ZKTrustManager).

import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { TlsSettings } from '../../../config/settings/ssl.ts'
import { plainAddress } from '../../net/input/admission.ts'
import { type Doubt, names, untrusted } from '../../tls/verdicts.ts'

export type CheckOptions = Pick<
  TlsSettings,
  'clientAuth' | 'hostnameVerification' | 'clientHostnameVerification' | 'allowReverseDnsLookup'
>

/** `null`: it may come in. `no-certificate`: it has shown none, and has to. */
export type Verdict = Doubt | 'no-certificate' | null

/** Of a server that we have dialled at one of these hosts. `nowMs`: since 1970, for messages. */
export async function checkDialled(
  socket: TLSSocket,
  hosts: readonly string[],
  options: CheckOptions,
  nowMs: number,
): Promise<Verdict> {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return 'no-certificate'
  const doubt = untrusted(socket, certificate, nowMs)
  if (doubt !== null || !options.hostnameVerification) return doubt
  const { allowReverseDnsLookup: reverse } = options
  if (await names(certificate, addressOf(socket), hosts, reverse)) return null
  return {
    which: certificate,
    problem: `names neither ${hosts.join(' nor ')}${nor(socket, hosts)}`,
  }
}

/** Of a server that has dialled us. It may come from an address that no certificate names, as behind a
 * name that leads elsewhere, or from another of its interfaces. So the host of any member's line does,
 * too: whoever proves that name is a member. */
export async function checkAccepted(
  socket: TLSSocket,
  memberHosts: readonly string[],
  options: CheckOptions,
  nowMs: number,
): Promise<Verdict> {
  const { clientAuth, hostnameVerification, clientHostnameVerification } = options
  if (clientAuth === 'none') return null
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate()
  if (certificate === undefined) return clientAuth === 'want' ? null : 'no-certificate'
  const doubt = untrusted(socket, certificate, nowMs)
  if (doubt !== null || !hostnameVerification || !clientHostnameVerification) return doubt
  const address = addressOf(socket)
  if (await names(certificate, address, memberHosts, options.allowReverseDnsLookup)) return null
  const problem = `names neither ${address}, from where it came, nor the host of any member`
  return { which: certificate, problem }
}

function nor(socket: TLSSocket, hosts: readonly string[]): string {
  const address = addressOf(socket)
  return hosts.includes(address) ? '' : ` nor ${address}`
}

function addressOf({ remoteAddress = '' }: TLSSocket): string {
  return plainAddress(remoteAddress)
}
