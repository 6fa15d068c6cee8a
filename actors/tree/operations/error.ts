// error: what a refused request becomes, so that its reply waits its turn.
//
//   ErrorTxn  int err

import type { ErrorCode } from '../../../protocol/error-code.ts'
import type { TransactionType } from './operation.ts'

export const error: TransactionType = {
  apply: (record) => record.int() as ErrorCode,
  text: (record) => `${record.int()}`,
}
