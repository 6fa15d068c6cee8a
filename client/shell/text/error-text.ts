// What the shell says about an error. Scripts match these lines, so they are ZooKeeper's.

import { ErrorCode, errorName } from '../../../protocol/error-code.ts'
import { ZkError } from '../../zk-error.ts'

const WITH_PATH: ReadonlyMap<number, string> = new Map([
  [ErrorCode.noNode, 'Node does not exist: '],
  [ErrorCode.noChildrenForEphemerals, 'Ephemerals cannot have children: '],
  [ErrorCode.nodeExists, 'Node already exists: '],
  [ErrorCode.notEmpty, 'Node not empty: '],
  [ErrorCode.notReadOnly, 'Not a read-only call: '],
  [ErrorCode.invalidACL, 'Acl is not valid : '],
  [ErrorCode.noAuth, 'Insufficient permission : '],
  [ErrorCode.badArguments, 'Arguments are not valid : '],
  [ErrorCode.badVersion, 'version No is not valid : '],
  [ErrorCode.quotaExceeded, 'Quota has exceeded : '],
])

const NAMES: ReadonlyMap<number, string> = new Map([
  [ErrorCode.ok, 'ok'],
  [ErrorCode.apiError, 'APIError'],
  [ErrorCode.sessionExpired, 'Session expired'],
  [ErrorCode.invalidCallback, 'Invalid callback'],
  [ErrorCode.sessionMoved, 'Session moved'],
  [ErrorCode.ephemeralOnLocalSession, 'Ephemeral node on local session'],
  [ErrorCode.noWatcher, 'No such watcher'],
  [ErrorCode.reconfigDisabled, 'Reconfig is disabled'],
  [ErrorCode.sessionClosedRequireSaslAuth, 'Session closed because client failed to authenticate'],
  [ErrorCode.throttledOp, 'Op throttled due to high load'],
])

const RECONFIG_IN_PROGRESS =
  'Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)'
const NEW_CONFIG_NO_QUORUM =
  'No quorum of new config is connected and up-to-date with the leader of last committed config' +
  ' - try invoking reconfiguration after new servers are connected and synced'

export function errorText(error: unknown): string {
  if (!(error instanceof ZkError)) return error instanceof Error ? error.message : String(error)
  if (error.details.reason !== undefined) return error.details.reason
  const prefix = WITH_PATH.get(error.code)
  if (prefix !== undefined) return prefix + String(error.path)
  if (error.code === ErrorCode.reconfigInProgress) return RECONFIG_IN_PROGRESS
  if (error.code === ErrorCode.newConfigNoQuorum) return NEW_CONFIG_NO_QUORUM
  return keeperErrorText(error)
}

/** `KeeperErrorCode = NoNode for /a` */
export function keeperErrorText(error: ZkError): string {
  const text = `KeeperErrorCode = ${NAMES.get(error.code) ?? capitalized(errorName(error.code))}`
  return error.path === null || error.path === '' ? text : `${text} for ${error.path}`
}

function capitalized(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}
