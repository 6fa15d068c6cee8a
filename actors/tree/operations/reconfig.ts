// reconfig: changes the ensemble's members. A standalone server has no ensemble to change.
//
//   SetDataTxn of /zookeeper/config, whose data is the new configuration and whose version is -1
//
// The answer is that of getData. The order of checks is ZooKeeper's (PrepRequestProcessor).

import { utf8, utf8Bytes } from '../../../protocol/bytes/text.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { Perm } from '../../../protocol/op-code.ts'
import { type ChangeOptions, changed } from '../../../protocol/quorum/membership-change.ts'
import { membershipText, readMembership } from '../../../protocol/quorum/membership-config.ts'
import { type ReconfigRequest, readReconfigRequest } from '../../../protocol/records/reconfig.ts'
import { Membership } from '../../membership.ts'
import { CONFIG_PATH, configOf } from '../writes/config-node.ts'
import { checkSession, type Preparation, type Requester } from '../writes/preparation.ts'
import { writeData } from './get-data.ts'
import type { WriteOperation } from './operation.ts'
import { applySetData, setData } from './set-data.ts'

const PATH = utf8Bytes(CONFIG_PATH)
const VERSION = -1

export const reconfig: WriteOperation = {
  prepare(to, request, by, record) {
    const asked = readReconfigRequest(request)
    if (!to.options.reconfigEnabled) return ErrorCode.reconfigDisabled
    const session = checkSession(by)
    if (session !== ErrorCode.ok) return session
    const { member } = to.options
    if (member === null) return ErrorCode.unimplemented
    const text = nextText(to, member, asked, by)
    if (typeof text === 'number') return text
    const node = to.outstanding.get(PATH, 0, PATH.length)
    if (node === null) return ErrorCode.noNode
    if (!to.permits(node, Perm.write, by)) return ErrorCode.noAuth
    const data = utf8Bytes(text)
    const written = { mzxid: by.zxid, mtime: by.timeMs, version: VERSION }
    to.outstanding.write(node, data, 0, data.length, written)
    record.string(CONFIG_PATH)
    record.buffer(data)
    record.int(VERSION)
    return ErrorCode.ok
  },

  apply(record, reply, to) {
    const error = applySetData(record, to)
    if (error === ErrorCode.ok) writeData(to.tree, to.write.node, reply)
    return error
  },

  text: setData.text,
}

/** The text of the new configuration, whose version is this transaction's zxid; or why not. */
function nextText(
  to: Preparation,
  member: ChangeOptions,
  asked: ReconfigRequest,
  by: Requester,
): string | ErrorCode {
  const bytes = configOf(to.tree)
  const current = readMembership(bytes === null ? '' : utf8(bytes, 0, bytes.length))
  const node = to.outstanding.get(PATH, 0, PATH.length)
  // Another one is under way: then the node will be another's than the committed one.
  if (node === null || BigInt(node.mzxid) > current.version) return ErrorCode.reconfigInProgress
  if (asked.curConfigId !== -1 && asked.curConfigId !== Number(current.version)) {
    return ErrorCode.badVersion
  }
  const next = changed(current, asked, member)
  if (typeof next === 'number') return next
  const config = { ...next, version: BigInt(by.zxid) }
  // An observer acknowledges nothing; one that was made an observer just now may still be on its way.
  const inForce = new Membership(current)
  const supporters = to.supporters.filter((id) => !inForce.isObserver(id))
  if (!new Membership(config).isQuorum(supporters)) return ErrorCode.newConfigNoQuorum
  return membershipText(config)
}
