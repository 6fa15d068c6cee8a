// The system's GSSAPI library (MIT Kerberos), called through the package koffi. Both are optional:
// only who authenticates with Kerberos needs them. RFC 2744 has the functions.

import type { Library, NativeFunction } from 'koffi'
import { SaslError } from '../../protocol/sasl/directives.ts'

export const GSS_MISSING: string =
  'Kerberos needs the package koffi (npm install koffi) and MIT’s library ' +
  '(apt-get install libgssapi-krb5-2, dnf install krb5-libs)'

/** A pointer into the library's memory; null for none. */
export type Pointer = bigint | null

interface Buffer_ {
  length: number | bigint
  value: Uint8Array | Pointer
}

const LIBRARY = 'libgssapi_krb5.so.2'
const USAGE = { initiate: 1, accept: 2 } as const
const MUTUAL_FLAG = 2
const REPLAY_FLAG = 4
const CONTINUE_NEEDED = 1
const ERROR_MASK = 0xffff0000
const STATUS = { gss: 1, mechanism: 2 } as const
/** How many messages there may be for one status. */
const MESSAGES_MAX = 4

export interface CredentialsWanted {
  readonly use: keyof typeof USAGE
  /** Null: any of the key table, or the first of the ticket cache. */
  readonly principal: string | null
  /** `keytab`, `client_keytab` and `ccache`; what is missing is the system's. */
  readonly store: ReadonlyMap<string, string>
}

export interface Step {
  readonly token: Uint8Array | null
  readonly isDone: boolean
  readonly context: Pointer
}

export class GssLibrary {
  static #loaded: GssLibrary | null = null
  readonly #koffi: typeof import('koffi')
  readonly #functions: Map<string, NativeFunction> = new Map()
  readonly #library: Library
  readonly #mechanism: Pointer
  readonly #principalName: Pointer
  readonly #userName: Pointer

  private constructor(koffi: typeof import('koffi')) {
    this.#koffi = koffi
    this.#library = koffi.load(LIBRARY)
    koffi.struct('gss_buffer', { length: 'size_t', value: 'void *' })
    koffi.struct('gss_pair', { key: 'const char *', value: 'const char *' })
    koffi.struct('gss_store', { count: 'uint32_t', elements: 'gss_pair *' })
    this.#mechanism = this.#oid('gss_mech_krb5')
    this.#principalName = this.#oid('GSS_KRB5_NT_PRINCIPAL_NAME')
    this.#userName = this.#oid('GSS_C_NT_USER_NAME')
    const minor = '_Out_ uint32_t *minor'
    for (const [name, args] of Object.entries({
      gss_import_name: `${minor}, gss_buffer *in, void *type, _Out_ void **name`,
      gss_canonicalize_name: `${minor}, void *name, void *mech, _Out_ void **out`,
      gss_display_name: `${minor}, void *name, _Out_ gss_buffer *out, void *type`,
      gss_release_name: `${minor}, _Inout_ void **name`,
      gss_acquire_cred_from: `${minor}, void *name, uint32_t time, void *mechs, int usage, gss_store *store, _Out_ void **cred, void *actual, void *timeout`,
      gss_inquire_cred: `${minor}, void *cred, _Out_ void **name, void *life, void *usage, void *mechs`,
      gss_release_cred: `${minor}, _Inout_ void **cred`,
      gss_accept_sec_context: `${minor}, _Inout_ void **context, void *cred, gss_buffer *in, void *bindings, _Out_ void **source, void *mech, _Out_ gss_buffer *out, void *flags, void *time, void *delegated`,
      gss_init_sec_context: `${minor}, void *cred, _Inout_ void **context, void *target, void *mech, uint32_t flags, uint32_t time, void *bindings, gss_buffer *in, void *actual, _Out_ gss_buffer *out, void *got, void *life`,
      gss_delete_sec_context: `${minor}, _Inout_ void **context, void *out`,
      gss_wrap: `${minor}, void *context, int conf, uint32_t qop, gss_buffer *in, void *done, _Out_ gss_buffer *out`,
      gss_unwrap: `${minor}, void *context, gss_buffer *in, _Out_ gss_buffer *out, void *conf, void *qop`,
      gss_release_buffer: `${minor}, _Inout_ gss_buffer *buffer`,
      gss_display_status: `${minor}, uint32_t status, int type, void *mech, _Inout_ uint32_t *more, _Out_ gss_buffer *out`,
    })) {
      this.#functions.set(name, this.#library.func(`uint32_t ${name}(${args})`))
    }
  }

  /** Rejects with an error that says what to install. A thread has one. */
  static async load(): Promise<GssLibrary> {
    try {
      GssLibrary.#loaded ??= new GssLibrary(await import('koffi'))
      return GssLibrary.#loaded
    } catch (error) {
      const [problem = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
      throw new Error(`${GSS_MISSING}: ${problem}`)
    }
  }

  /** The realm of this machine; empty if it has none. */
  defaultRealm(): string {
    try {
      return this.#displayed(this.#name('x', this.#userName)).replace(/^x@?/, '')
    } catch {
      return ''
    }
  }

  /** The principal in full, with its realm. */
  principal(text: string): string {
    return this.#displayed(this.#name(text, this.#principalName))
  }

  /** Reads files, and for tickets asks the key distribution centre, in a thread of the pool. */
  async credentials({ use, principal, store }: CredentialsWanted): Promise<Pointer> {
    const name = principal === null ? null : this.#name(principal, this.#principalName)
    const elements = [...store].map(([key, value]) => ({ key, value }))
    const wanted = elements.length === 0 ? null : { count: elements.length, elements }
    const out: Pointer[] = [null]
    try {
      const args = [name, 0xffffffff, null, USAGE[use], wanted, out, null, null]
      await this.#callAside('gss_acquire_cred_from', args)
    } finally {
      this.#releaseName(name)
    }
    return out[0] ?? null
  }

  /** Whose they are. */
  owner(credentials: Pointer): string {
    const name: Pointer[] = [null]
    this.#call('gss_inquire_cred', [credentials, name, null, null, null])
    return this.#displayed(name[0] ?? null)
  }

  releaseCredentials(credentials: Pointer): void {
    this.#call('gss_release_cred', [[credentials]])
  }

  /** `source`: the principal at the other end, once it is done. */
  accept(credentials: Pointer, context: Pointer, token: Uint8Array): Step & { source: string } {
    const handle = [context]
    const source: Pointer[] = [null]
    const out = emptyBuffer()
    const args = [handle, credentials, bufferOf(token), null, source, null, out, null, null, null]
    const major = this.#call('gss_accept_sec_context', args)
    const name = this.#displayed(source[0] ?? null)
    return { ...this.#step(major, handle[0] ?? null, out), source: name }
  }

  /** The first token for a service. Asks the key distribution centre, in a thread of the pool. */
  async begin(credentials: Pointer, service: string): Promise<Step & { target: Pointer }> {
    const target = this.#name(service, this.#principalName)
    try {
      const handle: Pointer[] = [null]
      const out = emptyBuffer()
      const args = this.#initiation(credentials, handle, target, new Uint8Array(0), out)
      const major = await this.#callAside('gss_init_sec_context', args)
      return { ...this.#step(major, handle[0] ?? null, out), target }
    } catch (error) {
      this.#releaseName(target)
      throw error
    }
  }

  continue(credentials: Pointer, context: Pointer, target: Pointer, token: Uint8Array): Step {
    const handle = [context]
    const out = emptyBuffer()
    const args = this.#initiation(credentials, handle, target, token, out)
    const major = this.#call('gss_init_sec_context', args)
    return this.#step(major, handle[0] ?? null, out)
  }

  wrap(context: Pointer, bytes: Uint8Array): Uint8Array {
    const out = emptyBuffer()
    this.#call('gss_wrap', [context, 0, 0, bufferOf(bytes), null, out])
    return this.#bytesOf(out)
  }

  unwrap(context: Pointer, bytes: Uint8Array): Uint8Array {
    const out = emptyBuffer()
    this.#call('gss_unwrap', [context, bufferOf(bytes), out, null, null])
    return this.#bytesOf(out)
  }

  deleteContext(context: Pointer, target: Pointer = null): void {
    if (context !== null) this.#call('gss_delete_sec_context', [[context], null])
    this.#releaseName(target)
  }

  #oid(name: string): Pointer {
    return this.#koffi.decode(this.#library.symbol(name, 'void *'), 'void *') as Pointer
  }

  #initiation(
    credentials: Pointer,
    handle: Pointer[],
    target: Pointer,
    token: Uint8Array,
    out: Buffer_,
  ): unknown[] {
    const flags = MUTUAL_FLAG | REPLAY_FLAG
    const mechanism = this.#mechanism
    const input = bufferOf(token)
    return [credentials, handle, target, mechanism, flags, 0, null, input, null, out, null, null]
  }

  #step(major: number, context: Pointer, out: Buffer_): Step {
    const token = this.#bytesOf(out)
    const isDone = (major & CONTINUE_NEEDED) === 0
    return { token: token.length === 0 ? null : token, isDone, context }
  }

  #name(text: string, type: Pointer): Pointer {
    const out: Pointer[] = [null]
    this.#call('gss_import_name', [bufferOf(Buffer.from(text)), type, out])
    return out[0] ?? null
  }

  #releaseName(name: Pointer): void {
    if (name !== null) this.#call('gss_release_name', [[name]])
  }

  /** The name in full; frees it. */
  #displayed(name: Pointer): string {
    if (name === null) return ''
    const full: Pointer[] = [null]
    try {
      this.#call('gss_canonicalize_name', [name, this.#mechanism, full])
      const out = emptyBuffer()
      this.#call('gss_display_name', [full[0], out, null])
      return Buffer.from(this.#bytesOf(out)).toString()
    } finally {
      this.#releaseName(full[0] ?? null)
      this.#releaseName(name)
    }
  }

  /** A copy of what the library has put into a buffer, which is freed. */
  #bytesOf(buffer: Buffer_): Uint8Array {
    const { length, value } = buffer
    if (value === null || value instanceof Uint8Array) return new Uint8Array(0)
    const bytes = Uint8Array.from(new Uint8Array(this.#koffi.view(value, Number(length))))
    this.#functions.get('gss_release_buffer')?.([0], buffer)
    return bytes
  }

  #call(name: string, args: readonly unknown[]): number {
    const minor = [0]
    return this.#checked(this.#function(name)(minor, ...args), minor)
  }

  #callAside(name: string, args: readonly unknown[]): Promise<number> {
    const minor = [0]
    return new Promise((resolve, reject) => {
      this.#function(name).async(minor, ...args, (error: Error | null, major: number) => {
        try {
          if (error !== null) throw error
          resolve(this.#checked(major, minor))
        } catch (problem) {
          reject(problem)
        }
      })
    })
  }

  #function(name: string): NativeFunction {
    const found = this.#functions.get(name)
    if (found === undefined) throw new Error(`${name} is not declared`)
    return found
  }

  #checked(major: number, [minor = 0]: readonly number[]): number {
    if ((major & ERROR_MASK) === 0) return major
    const texts = [...this.#texts(major, STATUS.gss), ...this.#texts(minor, STATUS.mechanism)]
    throw new SaslError(`Kerberos: ${texts.join(': ')}`)
  }

  #texts(status: number, type: number): string[] {
    const texts: string[] = []
    const more = [0]
    for (let i = 0; i < MESSAGES_MAX && (i === 0 || more[0] !== 0); i++) {
      const out = emptyBuffer()
      this.#function('gss_display_status')([0], status, type, this.#mechanism, more, out)
      texts.push(Buffer.from(this.#bytesOf(out)).toString())
    }
    return texts
  }
}

function bufferOf(bytes: Uint8Array): Buffer_ {
  return { length: bytes.length, value: bytes }
}

function emptyBuffer(): Buffer_ {
  return { length: 0, value: null }
}
