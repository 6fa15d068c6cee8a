// Kerberos between the members of an ensemble, for one thread of a member (SaslQuorumAuthServer,
// SaslQuorumAuthLearner, SaslQuorumServerCallbackHandler): whoever dials shows a ticket, and is let in if it
// names a host of the ensemble.
//
// The key distribution centre is asked for one ticket at a time. While it does not answer, it holds up
// one thread of the pool, and no more.

import type { QuorumAuthOptions } from '../../config/settings/quorum-auth.ts'
import { assert } from '../../protocol/assert.ts'
import type { Member } from '../../protocol/quorum/membership-config.ts'
import { SaslError } from '../../protocol/sasl/directives.ts'
import type { SaslClientMechanism, SaslServerMechanism } from '../../protocol/sasl/mechanism.ts'
import { memberIdentity, serviceAt } from '../../protocol/sasl/member-principal.ts'
import { KerberosService, KerberosUser } from './kerberos.ts'

export class PeerKerberos {
  readonly #service: KerberosService | null
  readonly #user: KerberosUser | null
  readonly #options: QuorumAuthOptions
  readonly #hosts: Set<string>
  #last: Promise<unknown> = Promise.resolve()

  private constructor(
    options: QuorumAuthOptions,
    hosts: Set<string>,
    service: KerberosService | null,
    user: KerberosUser | null,
  ) {
    this.#options = options
    this.#hosts = hosts
    this.#service = service
    this.#user = user
  }

  /** `configuration`: krb5.conf, of which only the main thread can tell the library; null: the system's. Rejects
   * if there is no library, or a key is missing. */
  static async load(
    options: QuorumAuthOptions,
    configuration: string | null,
  ): Promise<PeerKerberos> {
    const hosts = new Set<string>()
    const { server, learner } = options
    const identityOf = (principal: string, realm: string): string =>
      memberIdentity(principal, realm, hosts)
    const service =
      'kerberos' in server
        ? await KerberosService.load(server.kerberos, configuration, identityOf)
        : null
    const user =
      'kerberos' in learner ? await KerberosUser.load(learner.kerberos, configuration) : null
    await user?.check()
    return new PeerKerberos(options, hosts, service, user)
  }

  /** Whose hosts count from now on. */
  configured(members: readonly Member[]): void {
    this.#hosts.clear()
    for (const { addresses } of members) {
      for (const { host } of addresses) this.#hosts.add(host.toLowerCase())
    }
  }

  /** What a member that dials has to prove; null if not with Kerberos. */
  accepting(): SaslServerMechanism | null {
    return this.#service?.mechanism() ?? null
  }

  /** The first token for a member that was dialled at this host, and what answers its own. Null if not by
   * Kerberos. `isWanted` is asked before the centre is. Rejects with SaslError. */
  dialling(
    host: string,
    isWanted: () => boolean,
  ): Promise<{ token: Uint8Array; mechanism: SaslClientMechanism }> | null {
    const user = this.#user
    const { learner } = this.#options
    if (user === null) return null
    assert('kerberos' in learner, 'a user of Kerberos has a login')
    const begin = (): ReturnType<KerberosUser['begin']> => {
      if (!isWanted()) return Promise.reject(new SaslError('nobody waits any more'))
      return user.begin(serviceAt(learner.servicePrincipal, host, learner.kerberos.principal))
    }
    const next = this.#last.then(begin)
    this.#last = next.catch(() => undefined)
    return next
  }
}
