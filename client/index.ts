// What `import ... from 'ringkeeper'` gives: the client.

export type { Acl, Id } from '../protocol/acl.ts'
export { ANYONE, OPEN_ACL } from '../protocol/acl.ts'
export { ErrorCode } from '../protocol/error-code.ts'
export { AddWatchMode, CreateMode, Perm } from '../protocol/op-code.ts'
export type { Stat } from '../protocol/stat.ts'
export { Changes, ChangesBehindError, type ChangesOptions, type TreeChange } from './changes.ts'
export { Client, type ClientOptions } from './client.ts'
export type { ConnectionState, Session } from './connection-options.ts'
export {
  ANY_VERSION,
  type CreateOptions,
  checkOp,
  createOp,
  deleteOp,
  getChildrenOp,
  getOp,
  setOp,
} from './operations.ts'
export type { WatchEvent, Watcher } from './watch-registry.ts'
export { isZkError, ZkError } from './zk-error.ts'
