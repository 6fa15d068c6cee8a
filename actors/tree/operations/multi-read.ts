// multiRead: several reads in one, each with its own result. Their watch flags are ignored.

import { ErrorCode } from '../../../protocol/error-code.ts'
import { STEP_BYTES } from '../../../protocol/limits.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import {
  readMultiHeader,
  writeMultiEnd,
  writeMultiError,
  writeMultiHeader,
} from '../../../protocol/records/multi-header.ts'
import { childrenInParts, writeChildren } from './get-children.ts'
import { writeData } from './get-data.ts'
import type { ReadOperation } from './operation.ts'

export const multiRead: ReadOperation = {
  read(request) {
    const { tree, reader, reply, longReadNodes } = request
    for (let count = 1; ; count++) {
      const type = readMultiHeader(reader)
      if (type === null) break
      if (type !== OpCode.getData && type !== OpCode.getChildren) return ErrorCode.marshallingError
      if (count > longReadNodes || reply.length > STEP_BYTES) return 'in-steps'
      const error = request.locate()
      if (error !== ErrorCode.ok) {
        writeMultiError(reply, error)
        continue
      }
      writeMultiHeader(reply, type, ErrorCode.ok)
      if (type === OpCode.getData) writeData(tree, request.node, reply)
      else if (!writeChildren(request, reply)) return 'in-steps'
    }
    writeMultiEnd(reply)
    return ErrorCode.ok
  },

  *inParts(request, writer) {
    const { tree, reader } = request
    for (let visited = 1; ; visited++) {
      const type = readMultiHeader(reader)
      if (type === null) break
      if (type !== OpCode.getData && type !== OpCode.getChildren) return ErrorCode.marshallingError
      const error = request.locate()
      if (error === ErrorCode.ok) {
        writeMultiHeader(writer, type, ErrorCode.ok)
        if (type === OpCode.getData) writeData(tree, request.node, writer)
        else yield* childrenInParts(tree, request.node, writer)
      } else {
        writeMultiError(writer, error)
      }
      if (writer.endsStep(visited)) yield
    }
    writeMultiEnd(writer)
    return ErrorCode.ok
  },
}
