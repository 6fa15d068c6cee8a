// The typed client: one method an operation, promises out, watches as functions.
//
// Every method sends at once and may be called many times without waiting; replies settle in the
// order of the calls. Paths are the caller's: the chroot of the connect string is added on the way
// out and taken off on the way in. Bytes that come back are views of the message they came in: copy
// what is to be kept for long.

import type { Acl } from '../protocol/acl.ts'
import { ErrorCode } from '../protocol/error-code.ts'
import { type AddWatchMode, KeeperState, OpCode, type WatcherType } from '../protocol/op-code.ts'
import { writeAddWatchRequest } from '../protocol/records/add-watch.ts'
import type { Call } from '../protocol/records/call.ts'
import {
  type Create2Response,
  readCreate2Response,
  readCreateResponse,
  writeCreateRequest,
  writeCreateTtlRequest,
} from '../protocol/records/create.ts'
import { writeDeleteRequest } from '../protocol/records/delete.ts'
import { readExistsResponse, writeExistsRequest } from '../protocol/records/exists.ts'
import {
  type GetAclResponse,
  readGetAclResponse,
  writeGetAclRequest,
} from '../protocol/records/get-acl.ts'
import { getAllChildrenNumber } from '../protocol/records/get-all-children-number.ts'
import {
  type GetChildren2Response,
  readGetChildren2Response,
  writeGetChildrenRequest,
} from '../protocol/records/get-children.ts'
import {
  type GetDataResponse,
  readGetDataResponse,
  writeGetDataRequest,
} from '../protocol/records/get-data.ts'
import { getEphemerals } from '../protocol/records/get-ephemerals.ts'
import {
  type MultiOp,
  type MultiResult,
  readMultiResponse,
  writeMultiRequest,
} from '../protocol/records/multi.ts'
import {
  type MultiReadOp,
  type MultiReadResult,
  readMultiReadResponse,
  writeMultiReadRequest,
} from '../protocol/records/multi-read.ts'
import { type ReconfigRequest, writeReconfigRequest } from '../protocol/records/reconfig.ts'
import { writeRemoveWatchesRequest } from '../protocol/records/remove-watches.ts'
import { readSetAclResponse, writeSetAclRequest } from '../protocol/records/set-acl.ts'
import { readSetDataResponse, writeSetDataRequest } from '../protocol/records/set-data.ts'
import { writeSyncRequest } from '../protocol/records/sync.ts'
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
import type { WriteRecord } from './request-frame.ts'
import { type WatchEvent, type Watcher, type WatchKind, WatchRegistry } from './watch-registry.ts'
import { badArguments, ZkError } from './zk-error.ts'

export type { ClientOptions } from './client-options.ts'

type EventType = WatchEvent['type']

const SESSION_TIMEOUT_MS = 30_000
const REQUESTS_MAX = 65_536
const FRAME_BYTES_MAX = 64 * 1024 * 1024
const RECONNECT_DELAY_MS = 500
const CONFIG_PATH = '/zookeeper/config'

export class Client {
  readonly #connection: Connection
  readonly #watches = new WatchRegistry()
  readonly #chroot: string
  readonly #onState: ((state: ConnectionState) => void) | null

  /** Starts connecting at once; requests may be made right away. Throws a ZkError (badArguments)
   * when `servers` makes no sense. */
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
        onEvent: (event, zxid) => this.#onEvent(event, zxid),
        watchesToRestore: (zxid) => this.#watches.restoration(zxid),
      },
    )
    this.#connection.open()
  }

  /** For its state, session, negotiated timeout, last zxid, and to break its socket in tests. */
  get connection(): Connection {
    return this.#connection
  }

  /** The path created: with its number, when sequential. */
  create(path: string, data: Uint8Array | null, options: CreateOptions = {}): Promise<string> {
    const call = createCall(this.serverPath(path), data, options)
    const problem = createProblem(path, call.request.flags)
    if (problem !== null) return Promise.reject(badArguments(path, problem))
    const write = call.type === OpCode.createTTL ? writeCreateTtlRequest : writeCreateRequest
    const read: Read<string> = (reader) => this.ownPath(readCreateResponse(reader).path)
    return this.#request(call.type, write, call.request, path, read)
  }

  /** As create, and the new node's Stat. */
  create2(
    path: string,
    data: Uint8Array | null,
    options: CreateOptions = {},
  ): Promise<Create2Response> {
    const call = createCall(this.serverPath(path), data, options)
    const problem = createProblem(path, call.request.flags)
    if (problem !== null) return Promise.reject(badArguments(path, problem))
    const type = call.type === OpCode.create ? OpCode.create2 : call.type
    const write = type === OpCode.createTTL ? writeCreateTtlRequest : writeCreateRequest
    return this.#request(type, write, call.request, path, (reader) => {
      const response = readCreate2Response(reader)
      return { path: this.ownPath(response.path), stat: response.stat }
    })
  }

  delete(path: string, version: number = ANY_VERSION): Promise<void> {
    const request = { path: this.serverPath(path), version }
    return this.#pathRequest(OpCode.delete, writeDeleteRequest, request, path, readNothing)
  }

  /** Null when there is no such node; a watcher is then told of its creation. */
  exists(path: string, watcher?: Watcher): Promise<Stat | null> {
    const request = { path: this.serverPath(path), watch: watcher !== undefined }
    const onReply: OnReply<Stat | null> = (err) => {
      const kind = err === ErrorCode.noNode ? 'exist' : 'data'
      if (watcher !== undefined && (err === ErrorCode.ok || kind === 'exist')) {
        this.#watches.add(kind, request.path, watcher)
      }
      return err === ErrorCode.noNode ? NO_STAT : null
    }
    return this.#pathRequest(OpCode.exists, writeExistsRequest, request, path, readStatOf, onReply)
  }

  get(path: string, watcher?: Watcher): Promise<GetDataResponse> {
    const request = { path: this.serverPath(path), watch: watcher !== undefined }
    const onReply = this.#registering<GetDataResponse>('data', request.path, watcher)
    const read = readGetDataResponse
    return this.#pathRequest(OpCode.getData, writeGetDataRequest, request, path, read, onReply)
  }

  set(path: string, data: Uint8Array | null, version: number = ANY_VERSION): Promise<Stat> {
    const request = { path: this.serverPath(path), data, version }
    const read = readSetStat
    return this.#pathRequest(OpCode.setData, writeSetDataRequest, request, path, read)
  }

  /** Children in no particular order. */
  getChildren(path: string, watcher?: Watcher): Promise<GetChildren2Response> {
    const request = { path: this.serverPath(path), watch: watcher !== undefined }
    const onReply = this.#registering<GetChildren2Response>('child', request.path, watcher)
    const [type, read] = [OpCode.getChildren2, readGetChildren2Response]
    return this.#pathRequest(type, writeGetChildrenRequest, request, path, read, onReply)
  }

  getAcl(path: string): Promise<GetAclResponse> {
    const request = { path: this.serverPath(path) }
    return this.#pathRequest(OpCode.getACL, writeGetAclRequest, request, path, readGetAclResponse)
  }

  /** `version` is compared to the node's aversion. */
  setAcl(path: string, acl: readonly Acl[], version: number = ANY_VERSION): Promise<Stat> {
    const request = { path: this.serverPath(path), acl, version }
    return this.#pathRequest(OpCode.setACL, writeSetAclRequest, request, path, readSetAclStat)
  }

  /** Settles when this server has caught up with the leader. */
  sync(path: string = '/'): Promise<void> {
    const request = { path: this.serverPath(path) }
    return this.#pathRequest(OpCode.sync, writeSyncRequest, request, path, readNothing)
  }

  /** All or nothing. Rejects with the code of the operation that failed; `details.results` of the
   * error holds the rest. */
  multi(ops: readonly MultiOp[]): Promise<MultiResult[]> {
    for (const op of ops) {
      const flags = 'flags' in op.request ? op.request.flags : 0
      const problem = createProblem(op.request.path, flags)
      if (problem !== null) return Promise.reject(badArguments(op.request.path, problem))
    }
    const record = ops.map((op) => opUnderChroot(this.#chroot, op))
    return this.#request(OpCode.multi, writeMultiRequest, record, null, (reader) => {
      const results = readMultiResponse(reader)
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
    const read = readMultiReadResponse
    return this.#request(OpCode.multiRead, writeMultiReadRequest, record, null, read)
  }

  /** A watch that stays until it is removed. `mode` is one of AddWatchMode. */
  addWatch(path: string, mode: AddWatchModeValue, watcher: Watcher): Promise<void> {
    const request = { path: this.serverPath(path), mode }
    const kind = mode === 0 ? 'persistent' : 'persistentRecursive'
    const onReply = this.#registering<void>(kind, request.path, watcher)
    const write = writeAddWatchRequest
    return this.#pathRequest(OpCode.addWatch, write, request, path, readNothing, onReply)
  }

  /** Removes all watches of these kinds from a path, here and at the server; their functions are
   * told. With `local`, here even if no server can be asked. Rejects with noWatcher when there was
   * none. */
  removeWatches(path: string, type: WatcherType, local: 'local' | 'server'): Promise<void> {
    const request = { path: this.serverPath(path), type }
    const onReply: OnReply<void> = (err) => {
      if (err !== ErrorCode.ok && !(local === 'local' && err === ErrorCode.connectionLoss)) {
        return null
      }
      const removed = this.#watches.remove(request.path, type)
      for (const [eventType, watchers] of removed) {
        this.#call(watchers, eventType, path, ZXID_NONE)
      }
      return removed.size > 0 ? DONE : null
    }
    const read = (): void => {
      throw new ZkError(ErrorCode.noWatcher, path)
    }
    const write = writeRemoveWatchesRequest
    return this.#pathRequest(OpCode.removeWatches, write, request, path, read, onReply)
  }

  /** Those of this session under a prefix. */
  async getEphemerals(prefix: string = '/'): Promise<string[]> {
    const request = { prefixPath: this.serverPath(prefix) }
    const { ephemerals } = await this.call(getEphemerals, request, prefix)
    return ephemerals.map((path) => this.ownPath(path))
  }

  /** How many nodes lie below a path. */
  async getAllChildrenNumber(path: string): Promise<number> {
    const request = { path: this.serverPath(path) }
    return (await this.call(getAllChildrenNumber, request, path)).totalNumber
  }

  async whoAmI(): Promise<readonly ClientInfo[]> {
    return (await this.call(whoAmI, null, null)).clientInfo
  }

  /** Adds an identity to this connection and those that follow it. */
  addAuth(scheme: string, auth: Uint8Array | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const reply = new PromisedReply(null, readNothing, null, resolve, reject)
      this.#connection.addAuth(scheme, auth, reply)
    })
  }

  /** The ensemble's configuration and its node's Stat; no chroot applies. */
  getConfig(watcher?: Watcher): Promise<GetDataResponse> {
    const request = { path: CONFIG_PATH, watch: watcher !== undefined }
    const onReply = this.#registering<GetDataResponse>('data', CONFIG_PATH, watcher)
    const [write, read] = [writeGetDataRequest, readGetDataResponse]
    return this.#request(OpCode.getData, write, request, CONFIG_PATH, read, onReply)
  }

  /** The new configuration and its node's Stat. */
  reconfig(request: ReconfigRequest): Promise<GetDataResponse> {
    return this.#request(OpCode.reconfig, writeReconfigRequest, request, null, readGetDataResponse)
  }

  /** Ends the session. Requests made before it are answered first. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#connection.close(resolve))
  }

  /** Any operation, by its record, whose paths are the server's (see `serverPath`). `path` is the
   * caller's, which is checked first and named in errors; null if the request is about none. */
  call<Q, S>({ code, write, read }: Call<Q, S>, request: Q, path: string | null): Promise<S> {
    if (path === null) return this.#request(code, write, request, path, read)
    return this.#pathRequest(code, write, request, path, read)
  }

  /** A path of ours as the server knows it: under the chroot. */
  serverPath(path: string): string {
    return underChroot(this.#chroot, path)
  }

  /** And back. */
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

  #pathRequest<R, T>(
    type: number,
    write: WriteRecord<R>,
    request: R,
    path: string,
    read: Read<T>,
    onReply: OnReply<T> | null = null,
  ): Promise<T> {
    const problem = pathProblem(path)
    if (problem !== null) return Promise.reject(badArguments(path, problem))
    return this.#request(type, write, request, path, read, onReply)
  }

  #request<R, T>(
    type: number,
    write: WriteRecord<R>,
    request: R,
    path: string | null,
    read: Read<T>,
    onReply: OnReply<T> | null = null,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const reply = new PromisedReply(path, read, onReply, resolve, reject)
      this.#connection.submit(type, write, request, reply)
    })
  }

  #onEvent(event: WatcherEvent, zxid: Zxid): void {
    const watchers = this.#watches.take(event.type, event.path)
    this.#call(watchers, event.type as EventType, this.ownPath(event.path), zxid)
  }

  #call(watchers: ReadonlySet<Watcher>, type: EventType, path: string, zxid: Zxid): void {
    const event: WatchEvent = { type, state: KeeperState.syncConnected, path, zxid }
    for (const watcher of watchers) watcher(event)
  }
}

export type AddWatchModeValue = (typeof AddWatchMode)[keyof typeof AddWatchMode]

const NO_STAT: { readonly value: null } = { value: null }
const DONE: { readonly value: undefined } = { value: undefined }

const readNothing: Read<void> = () => {}
const readStatOf: Read<Stat> = (reader) => readExistsResponse(reader).stat
const readSetStat: Read<Stat> = (reader) => readSetDataResponse(reader).stat
const readSetAclStat: Read<Stat> = (reader) => readSetAclResponse(reader).stat
