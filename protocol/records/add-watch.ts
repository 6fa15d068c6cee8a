// addWatch.
//
//   AddWatchRequest  ustring path, int mode      0 persistent, 1 persistent recursive
//   ErrorResponse    int err                     always 0

import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import type { Call } from './call.ts'

export interface AddWatchRequest {
  readonly path: string
  /** One of AddWatchMode, unchecked. */
  readonly mode: number
}

export interface ErrorResponse {
  readonly err: number
}

export function writeAddWatchRequest(writer: JuteWriter, request: AddWatchRequest): void {
  writer.string(request.path)
  writer.int(request.mode)
}

export function writeErrorResponse(writer: JuteWriter, response: ErrorResponse): void {
  writer.int(response.err)
}

export const addWatch: Call<AddWatchRequest, void> = {
  code: OpCode.addWatch,
  write: writeAddWatchRequest,
  read: () => {},
}
