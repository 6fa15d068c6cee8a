// The typed client: one method for each operation, promises as results, watches as functions.
//
// Every method sends at once, and may be called many times without waiting. Replies settle in the
// order of the calls. Paths are the caller's: the chroot of the connect string is added on the way
// out, and removed on the way in. Bytes that come back are views of the message that they came in:
// copy what you want to keep for long.

import type { Acl } from '../protocol/acl.ts'
import { ErrorCode } from '../protocol/error-code.ts'
import { type AddWatchMode, KeeperState, OpCode, type WatcherType } from '../protocol/op-code.ts'
import { CONFIG_NODE } from '../protocol/path.ts'
import { addWatch } from '../protocol/records/add-watch.ts'
import type { Call } from '../protocol/records/call.ts'
import {
  type Create2Response,
  create,
  create2,
  createContainer,
  createTTL,
} from '../protocol/records/create.ts'
import { deleteNode } from '../protocol/records/delete.ts'
import { exists } from '../protocol/records/exists.ts'
import { type GetAclResponse, getACL } from '../protocol/records/get-acl.ts'
import { getAllChildrenNumber } from '../protocol/records/get-all-children-number.ts'
import { type GetChildren2Response, getChildren2 } from '../protocol/records/get-children.ts'
import { type ChildrenPage, getChildrenPage } from '../protocol/records/get-children-page.ts'
import { type GetDataResponse, getData } from '../protocol/records/get-data.ts'
import { getEphemerals } from '../protocol/records/get-ephemerals.ts'
import { type MultiOp, type MultiResult, multi } from '../protocol/records/multi.ts'
import {
  type MultiReadOp,
  type MultiReadResult,
  multiRead,
} from '../protocol/records/multi-read.ts'
import { type ReconfigRequest, reconfig } from '../protocol/records/reconfig.ts'
import { removeWatches } from '../protocol/records/remove-watches.ts'
import { setACL } from '../protocol/records/set-acl.ts'
import { setData } from '../protocol/records/set-data.ts'
import { sync } from '../protocol/records/sync.ts'
import type { WatcherEvent } from '../protocol/records/watcher-event.ts'
import { type ClientInfo, whoAmI } from '../protocol/records/who-am-i.ts'
import type { Stat } from '../protocol/stat.ts'
import { ZXID_NONE, type Zxid } from '../protocol/zxid.ts'
import type { ClientOptions } from './client-options.ts'
import { parseConnectString, underChroot, withoutChroot } from './connect-string.ts'
import { Connection } from './connection.ts'
import { type ConnectionState, fairShareMs } from './connection-options.ts'
import {
  ANY_VERSION,
  type CreateOptions,
  createCall,
  createProblem,
  opUnderChroot,
  resultWithoutChroot,
} from './operations.ts'
import { pathProblem } from './path.ts'
import { type OnReply, PromisedReply, type Read } from './promised-reply.ts'
import { type WatchEvent, type Watcher, type WatchKind, WatchRegistry } from './watch-registry.ts'
import { badArguments, ZkError } from './zk-error.ts'

export type { ClientOptions } from './client-options.ts'

type EventType = WatchEvent['type']

const SESSION_TIMEOUT_MS = 30_000
const REQUESTS_MAX = 65_536
const FRAME_BYTES_MAX = 64 * 1024 * 1024
const RECONNECT_DELAY_MS = 500

export class Client {
  readonly #connection: Connection
  readonly #watches = new WatchRegistry()
  readonly #chroot: string
  readonly #onState: ((state: ConnectionState) => void) | null

  /** Starts connecting at once, and requests may be made right away. Throws a ZkError
   * (badArguments) if `servers` makes no sense. */
  constructor(options: ClientOptions) {
    const { hosts, chroot } = parseConnectString(options.servers)
    const problem = chroot === '' ? null : pathProblem(chroot)
    if (problem !== null) throw badArguments(chroot, problem)
    this.#chroot = chroot
    this.#onState = options.onState ?? null
    const { sessionTimeoutMs = SESSION_TIMEOUT_MS } = options
    this.#connection = new Connection(
      {
        hosts,
        tls: options.tls ?? null,
        open: options.open,
        sasl: options.sasl ?? null,
        firstHost: options.firstHost ?? Math.floor(Math.random() * hosts.length),
        sessionTimeoutMs,
        readOnly: options.readOnly ?? false,
        session: options.session ?? null,
        requestsMax: options.requestsMax ?? REQUESTS_MAX,
        frameBytesMax: options.frameBytesMax ?? FRAME_BYTES_MAX,
        reconnectDelayMs: options.reconnectDelayMs ?? RECONNECT_DELAY_MS,
        connectTimeoutMs: options.connectTimeoutMs ?? fairShareMs(sessionTimeoutMs, hosts.length),
        silenceMs: options.silenceMs ?? Number.POSITIVE_INFINITY,
      },
      {
        onState: (state) => this.#onState?.(state),
        onProblem: (problem) => options.onProblem?.(problem),
        onEvent: (event, zxid) => this.#onEvent(event, zxid),
        watchesToRestore: (zxid) => this.#watches.restoration(zxid),
      },
    )
    this.#connection.open()
  }

  /** For its state, session, negotiated timeout and last zxid; and so that tests can break its
   * socket. */
  get connection(): Connection {
    return this.#connection
  }

  /** Returns the path that was created; for a sequential node, with its number. */
  create(path: string, data: Uint8Array | null, options: CreateOptions = {}): Promise<string> {
    const { type, request } = createCall(this.serverPath(path), data, options)
    const problem = createProblem(path, request.flags)
    if (problem !== null) return Promise.reject(badArguments(path, problem))
    const call: Call<typeof request, { readonly path: string }> =
      type === OpCode.create ? create : CREATES_WITH_STAT[type]
    return this.#ask(call, request, path, (response) => this.ownPath(response.path))
  }

  /** Like create, but also returns the new node's Stat. */
  create2(
    path: string,
    data: Uint8Array | null,
    options: CreateOptions = {},
  ): Promise<Create2Response> {
    const { type, request } = createCall(this.serverPath(path), data, options)
    const problem = createProblem(path, request.flags)
    if (problem !== null) return Promise.reject(badArguments(path, problem))
    return this.#ask(CREATES_WITH_STAT[type], request, path, (response) => ({
      path: this.ownPath(response.path),
      stat: response.stat,
    }))
  }

  delete(path: string, version: number = ANY_VERSION): Promise<void> {
    return this.call(deleteNode, { path: this.serverPath(path), version }, path)
  }

  /** Null if there is no such node. The watcher is then told of its creation. */
  exists(path: string, watcher?: Watcher): Promise<Stat | null> {
    const request = { path: this.serverPath(path), watch: watcher !== undefined }
    const onReply: OnReply<Stat | null> = (err) => {
      const kind = err === ErrorCode.noNode ? 'exist' : 'data'
      if (watcher !== undefined && (err === ErrorCode.ok || kind === 'exist')) {
        this.#watches.add(kind, request.path, watcher)
      }
      return err === ErrorCode.noNode ? NO_STAT : null
    }
    return this.#askOn(exists, request, path, statOf, onReply)
  }

  get(path: string, watcher?: Watcher): Promise<GetDataResponse> {
    const request = { path: this.serverPath(path), watch: watcher !== undefined }
    const onReply = this.#registering<GetDataResponse>('data', request.path, watcher)
    return this.#askOn(getData, request, path, whole, onReply)
  }

  set(path: string, data: Uint8Array | null, version: number = ANY_VERSION): Promise<Stat> {
    return this.#askOn(setData, { path: this.serverPath(path), data, version }, path, statOf)
  }

  /** Returns the children in no particular order. */
  getChildren(path: string, watcher?: Watcher): Promise<GetChildren2Response> {
    const request = { path: this.serverPath(path), watch: watcher !== undefined }
    const onReply = this.#registering<GetChildren2Response>('child', request.path, watcher)
    return this.#askOn(getChildren2, request, path, whole, onReply)
  }

  /** At most `limit` children (1 to 1000), in the server's order: those behind the child `after`, or
   * the first ones. Only Ringkeeper knows this. Rejects with badArguments if there is no such child
   * any more. */
  getChildrenPage(path: string, after: string | null, limit: number): Promise<ChildrenPage> {
    return this.call(getChildrenPage, { path: this.serverPath(path), after, limit }, path)
  }

  getAcl(path: string): Promise<GetAclResponse> {
    return this.call(getACL, { path: this.serverPath(path) }, path)
  }

  /** `version` is compared with the node's aversion. */
  setAcl(path: string, acl: readonly Acl[], version: number = ANY_VERSION): Promise<Stat> {
    return this.#askOn(setACL, { path: this.serverPath(path), acl, version }, path, statOf)
  }

  /** Settles once this server has caught up with the leader. */
  sync(path: string = '/'): Promise<void> {
    return this.call(sync, { path: this.serverPath(path) }, path)
  }

  /** All or nothing. Rejects with the code of the operation that failed; the error's
   * `details.results` has the others. */
  multi(ops: readonly MultiOp[]): Promise<MultiResult[]> {
    for (const op of ops) {
      const flags = 'flags' in op.request ? op.request.flags : 0
      const problem = createProblem(op.request.path, flags)
      if (problem !== null) return Promise.reject(badArguments(op.request.path, problem))
    }
    const record = ops.map((op) => opUnderChroot(this.#chroot, op))
    return this.#ask(multi, record, null, (results) => {
      for (let i = 0; i < results.length; i++) {
        const result = results[i]!
        if (result.type !== OpCode.error || result.err === ErrorCode.ok) continue
        throw new ZkError(result.err, ops[i]?.request.path ?? null, { results })
      }
      return results.map((result) => resultWithoutChroot(this.#chroot, result))
    })
  }

  /** Each read has its own result or error. */
  multiRead(ops: readonly MultiReadOp[]): Promise<MultiReadResult[]> {
    const record = ops.map((op) => opUnderChroot(this.#chroot, op))
    return this.call(multiRead, record, null)
  }

  /** Sets a watch that stays until it is removed. `mode` is one of AddWatchMode. */
  addWatch(path: string, mode: AddWatchModeValue, watcher: Watcher): Promise<void> {
    const request = { path: this.serverPath(path), mode }
    const kind = mode === 0 ? 'persistent' : 'persistentRecursive'
    const onReply = this.#registering<void>(kind, request.path, watcher)
    return this.#askOn(addWatch, request, path, whole, onReply)
  }

  /** Removes all watches of these kinds from a path, here and at the server, and tells their
   * functions. With `local`, they are removed here even if no server can be asked. Rejects with
   * noWatcher if there was none. */
  removeWatches(path: string, type: WatcherType, local: 'local' | 'server'): Promise<void> {
    const request = { path: this.serverPath(path), type }
    const onReply: OnReply<void> = (err) => {
      if (err !== ErrorCode.ok && !(local === 'local' && err === ErrorCode.connectionLoss)) {
        return null
      }
      const removed = this.#watches.remove(request.path, type)
      for (const [eventType, watchers] of removed) {
        this.#notify(watchers, eventType, path, ZXID_NONE)
      }
      return removed.size > 0 ? DONE : null
    }
    const nothingRemoved = (): void => {
      throw new ZkError(ErrorCode.noWatcher, path)
    }
    return this.#askOn(removeWatches, request, path, nothingRemoved, onReply)
  }

  /** The ephemerals of this session under a prefix. */
  getEphemerals(prefix: string = '/'): Promise<string[]> {
    const request = { prefixPath: this.serverPath(prefix) }
    return this.#askOn(getEphemerals, request, prefix, ({ ephemerals }) =>
      ephemerals.map((path) => this.ownPath(path)),
    )
  }

  /** How many nodes there are below a path. */
  getAllChildrenNumber(path: string): Promise<number> {
    const request = { path: this.serverPath(path) }
    return this.#askOn(getAllChildrenNumber, request, path, ({ totalNumber }) => totalNumber)
  }

  whoAmI(): Promise<readonly ClientInfo[]> {
    return this.#ask(whoAmI, null, null, ({ clientInfo }) => clientInfo)
  }

  /** Adds an identity to this connection and to those that follow it. */
  addAuth(scheme: string, auth: Uint8Array | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const reply = new PromisedReply(null, readNothing, null, resolve, reject)
      this.#connection.addAuth(scheme, auth, reply)
    })
  }

  /** The ensemble's configuration, and its node's Stat. The chroot does not apply. */
  getConfig(watcher?: Watcher): Promise<GetDataResponse> {
    const request = { path: CONFIG_NODE, watch: watcher !== undefined }
    const onReply = this.#registering<GetDataResponse>('data', CONFIG_NODE, watcher)
    return this.#ask(getData, request, CONFIG_NODE, whole, onReply)
  }

  /** Returns the new configuration, and its node's Stat. */
  reconfig(request: ReconfigRequest): Promise<GetDataResponse> {
    return this.call(reconfig, request, null)
  }

  /** Replaces the servers, as a connect string; the chroot stays. Clients spread over the new list as
   * ZooKeeper's do: this one may move to another server, and its session goes on there. Throws a ZkError
   * (badArguments) if `servers` names none. */
  updateServerList(servers: string): void {
    this.#connection.replaceHosts(parseConnectString(servers).hosts)
  }

  /** Ends the session. Requests made earlier are answered first. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#connection.close(resolve))
  }

  /** Any operation, by its record, in which paths are the server's (see `serverPath`). `path` is
   * the caller's: it is checked first, and named in errors. It is null if the request concerns no
   * path. */
  call<Q, S>(call: Call<Q, S>, request: Q, path: string | null): Promise<S> {
    if (path === null) return this.#ask(call, request, null, whole)
    return this.#askOn(call, request, path, whole)
  }

  /** A path of this client as the server knows it: under the chroot. */
  serverPath(path: string): string {
    return underChroot(this.#chroot, path)
  }

  /** A path at the server, as this client knows it. */
  ownPath(path: string): string {
    return withoutChroot(this.#chroot, path)
  }

  #registering<T>(kind: WatchKind, path: string, watcher: Watcher | undefined): OnReply<T> | null {
    if (watcher === undefined) return null
    return (err) => {
      if (err === ErrorCode.ok) this.#watches.add(kind, path, watcher)
      return null
    }
  }

  /** For requests that concern a path. */
  #askOn<Q, S, T>(
    call: Call<Q, S>,
    request: Q,
    path: string,
    result: (response: S) => T,
    onReply: OnReply<T> | null = null,
  ): Promise<T> {
    const problem = pathProblem(path)
    if (problem !== null) return Promise.reject(badArguments(path, problem))
    return this.#ask(call, request, path, result, onReply)
  }

  /** The result is made when the reply is read, so that promises settle in the order of the
   * replies. */
  #ask<Q, S, T>(
    { code, write, read }: Call<Q, S>,
    request: Q,
    path: string | null,
    result: (response: S) => T,
    onReply: OnReply<T> | null = null,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const readResult: Read<T> = (reader) => result(read(reader))
      const reply = new PromisedReply(path, readResult, onReply, resolve, reject)
      this.#connection.submit(code, write, request, reply)
    })
  }

  #onEvent(event: WatcherEvent, zxid: Zxid): void {
    const watchers = this.#watches.take(event.type, event.path)
    this.#notify(watchers, event.type as EventType, this.ownPath(event.path), zxid)
  }

  #notify(watchers: ReadonlySet<Watcher>, type: EventType, path: string, zxid: Zxid): void {
    const event: WatchEvent = { type, state: KeeperState.syncConnected, path, zxid }
    for (const watcher of watchers) watcher(event)
  }
}

export type AddWatchModeValue = (typeof AddWatchMode)[keyof typeof AddWatchMode]

const NO_STAT: { readonly value: null } = { value: null }
const DONE: { readonly value: undefined } = { value: undefined }
const CREATES_WITH_STAT = {
  [OpCode.create]: create2,
  [OpCode.create2]: create2,
  [OpCode.createContainer]: createContainer,
  [OpCode.createTTL]: createTTL,
}

const readNothing: Read<void> = () => {}

/** The response as it is. */
function whole<T>(response: T): T {
  return response
}

function statOf({ stat }: { readonly stat: Stat }): Stat {
  return stat
}
