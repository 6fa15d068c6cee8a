// Who this process is at Kerberos: a service that others prove themselves to, or a client that proves
// itself to services. Tickets are fetched in threads of the pool; nothing else waits for the key
// distribution centre.

import { threadId } from 'node:worker_threads'
import type { KerberosLogin, KerberosSettings } from '../../config/settings/kerberos.ts'
import { SaslError } from '../../protocol/sasl/directives.ts'
import { GssapiClient, GssapiServer, type GssContext } from '../../protocol/sasl/gssapi.ts'
import { type IdentityOf, identities } from '../../protocol/sasl/kerberos-name.ts'
import type { SaslClientMechanism, SaslServerMechanism } from '../../protocol/sasl/mechanism.ts'
import { GssLibrary, type Pointer } from './gss-library.ts'

/** Tells the library where krb5.conf is, before it is used. */
async function libraryFor(configuration: string | null): Promise<GssLibrary> {
  if (configuration !== null) process.env['KRB5_CONFIG'] = configuration
  return GssLibrary.load()
}

/** What accepts tickets with a key. Rejects if the key is not there. */
async function keyOf(
  gss: GssLibrary,
  principal: string | null,
  keyTab: string | null,
): Promise<Pointer> {
  const store = new Map(keyTab === null ? [] : [['keytab', keyTab]])
  try {
    return await gss.credentials({ use: 'accept', principal, store })
  } catch (error) {
    const where = keyTab ?? 'the key table of this machine'
    throw new SaslError(
      `no key for ${principal ?? 'anybody'} in ${where}: ${(error as Error).message}`,
    )
  }
}

/** A service. Its keys are read anew whenever somebody proves himself, so they can be replaced. */
export class KerberosService {
  readonly #gss: GssLibrary
  readonly #credentials: Pointer
  readonly #identityOf: (principal: string) => string

  private constructor(
    gss: GssLibrary,
    credentials: Pointer,
    identityOf: (principal: string) => string,
  ) {
    this.#gss = gss
    this.#credentials = credentials
    this.#identityOf = identityOf
  }

  /** For what clients prove themselves to. Rejects if there is no library, or no such key. */
  static forClients(
    login: KerberosLogin,
    {
      krb5Conf,
      authToLocal,
      kerberosRemoveHostFromPrincipal: removeHost,
      kerberosRemoveRealmFromPrincipal: removeRealm,
    }: KerberosSettings,
  ): Promise<KerberosService> {
    const identityOf = identities({ authToLocal, removeHost, removeRealm })
    return KerberosService.load(login, krb5Conf, identityOf)
  }

  /** `identityOf` a principal; it throws SaslError if the principal may not come in. Rejects if there is no
   * library, or no such key. */
  static async load(
    { principal, keyTab }: KerberosLogin,
    configuration: string | null,
    identityOf: IdentityOf,
  ): Promise<KerberosService> {
    const gss = await libraryFor(configuration)
    const credentials = await keyOf(gss, principal, keyTab)
    const realm = gss.defaultRealm()
    return new KerberosService(gss, credentials, (peer) => identityOf(peer, realm))
  }

  mechanism(): SaslServerMechanism {
    return new GssapiServer(new AcceptedContext(this.#gss, this.#credentials), this.#identityOf)
  }
}

/** Somebody with tickets, or with a key that gets them. */
export class KerberosUser {
  static #count = 0
  readonly #gss: GssLibrary
  readonly #login: KerberosLogin
  /** Where tickets are that came by the key; nobody else's are there. */
  readonly #memory = `MEMORY:ringkeeper-${threadId}-${KerberosUser.#count++}`

  private constructor(gss: GssLibrary, login: KerberosLogin) {
    this.#gss = gss
    this.#login = login
  }

  /** Rejects if there is no library. */
  static async load(login: KerberosLogin, configuration: string | null): Promise<KerberosUser> {
    return new KerberosUser(await libraryFor(configuration), login)
  }

  /** Rejects if the key table has no such key. Asks nobody, so it says nothing about tickets. */
  async check(): Promise<void> {
    const { principal, keyTab, ticketCache } = this.#login
    if (ticketCache !== null) return
    this.#gss.releaseCredentials(await keyOf(this.#gss, principal, keyTab))
  }

  /** The first token for a service such as zookeeper/host, and what answers the service's. Rejects with
   * SaslError. */
  async begin(service: string): Promise<{ token: Uint8Array; mechanism: SaslClientMechanism }> {
    const gss = this.#gss
    const credentials = await this.#credentials()
    try {
      const { token, context, target } = await gss.begin(credentials, service)
      const owner = gss.owner(credentials)
      const begun = new BegunContext(gss, { credentials, context, target })
      return { token: token ?? new Uint8Array(0), mechanism: new GssapiClient(begun, owner) }
    } catch (error) {
      gss.releaseCredentials(credentials)
      throw error
    }
  }

  /** From the ticket cache if it has any; otherwise by the key, into memory. */
  async #credentials(): Promise<Pointer> {
    const { principal, keyTab, ticketCache } = this.#login
    if (ticketCache !== null) {
      const store = new Map(ticketCache === '' ? [] : [['ccache', `FILE:${ticketCache}`]])
      try {
        return await this.#gss.credentials({ use: 'initiate', principal, store })
      } catch (error) {
        if (keyTab === null) throw error
      }
    }
    const store = new Map([['ccache', this.#memory]])
    if (keyTab !== null) store.set('client_keytab', keyTab)
    return this.#gss.credentials({ use: 'initiate', principal, store })
  }
}

class AcceptedContext implements GssContext {
  readonly #gss: GssLibrary
  readonly #credentials: Pointer
  #context: Pointer = null
  #peer = ''

  constructor(gss: GssLibrary, credentials: Pointer) {
    this.#gss = gss
    this.#credentials = credentials
  }

  step(token: Uint8Array): ReturnType<GssContext['step']> {
    const step = this.#gss.accept(this.#credentials, this.#context, token)
    this.#context = step.context
    this.#peer = step.source
    return step
  }

  peer(): string {
    if (this.#peer === '') throw new SaslError('the client has no name')
    return this.#peer
  }

  wrap(bytes: Uint8Array): Uint8Array {
    return this.#gss.wrap(this.#context, bytes)
  }

  unwrap(bytes: Uint8Array): Uint8Array {
    return this.#gss.unwrap(this.#context, bytes)
  }

  close(): void {
    this.#gss.deleteContext(this.#context)
    this.#context = null
  }
}

interface Begun {
  readonly credentials: Pointer
  readonly context: Pointer
  readonly target: Pointer
}

class BegunContext implements GssContext {
  readonly #gss: GssLibrary
  #begun: Begun | null

  constructor(gss: GssLibrary, begun: Begun) {
    this.#gss = gss
    this.#begun = begun
  }

  step(token: Uint8Array): ReturnType<GssContext['step']> {
    const { credentials, context, target } = this.#open()
    const step = this.#gss.continue(credentials, context, target, token)
    this.#begun = { credentials, context: step.context, target }
    return step
  }

  /** Whom it is for is what the ticket says. */
  peer(): string {
    return ''
  }

  wrap(bytes: Uint8Array): Uint8Array {
    return this.#gss.wrap(this.#open().context, bytes)
  }

  unwrap(bytes: Uint8Array): Uint8Array {
    return this.#gss.unwrap(this.#open().context, bytes)
  }

  close(): void {
    if (this.#begun === null) return
    const { credentials, context, target } = this.#begun
    this.#begun = null
    this.#gss.deleteContext(context, target)
    this.#gss.releaseCredentials(credentials)
  }

  #open(): Begun {
    if (this.#begun === null) throw new SaslError('the exchange is over')
    return this.#begun
  }
}
