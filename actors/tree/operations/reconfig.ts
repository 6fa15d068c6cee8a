// reconfig: changes the ensemble's members. A standalone server has no ensemble to change.
//
//   SetDataTxn of /zookeeper/config

import { ErrorCode } from '../../../protocol/error-code.ts'
import { readReconfigRequest } from '../../../protocol/records/reconfig.ts'
import { checkSession } from '../writes/preparation.ts'
import type { WriteOperation } from './operation.ts'
import { setData } from './set-data.ts'

export const reconfig: WriteOperation = {
  prepare(to, request, by) {
    readReconfigRequest(request)
    if (!to.options.reconfigEnabled) return ErrorCode.reconfigDisabled
    const session = checkSession(by)
    return session === ErrorCode.ok ? ErrorCode.unimplemented : session
  },

  apply: setData.apply,
  text: setData.text,
}
