// getEphemerals: the paths of the asking session's ephemerals that start with a prefix; all of them
// for "" and "/". A long list leaves in parts.

import { ErrorCode } from '../../../protocol/error-code.ts'
import {
  readGetEphemeralsRequest,
  writeGetEphemeralsResponse,
} from '../../../protocol/records/get-ephemerals.ts'
import type { ReadOperation } from './operation.ts'

export const getEphemerals: ReadOperation = {
  read({ tree, ephemerals, longReadNodes, reader, reply }) {
    if (ephemerals.size > longReadNodes) return 'in-steps'
    const { prefixPath } = readGetEphemeralsRequest(reader)
    const paths: string[] = []
    for (const node of ephemerals) {
      const path = tree.path(node)
      if (isUnder(path, prefixPath)) paths.push(path)
    }
    writeGetEphemeralsResponse(reply, { ephemerals: paths })
    return ErrorCode.ok
  },

  /** The list begins with its length, which was counted while the parts were measured. */
  *inParts(request, writer) {
    const { tree, ephemerals, reader } = request
    const { prefixPath } = readGetEphemeralsRequest(reader)
    writer.int(request.counted)
    request.counted = 0
    let visited = 0
    for (const node of ephemerals) {
      const path = tree.path(node)
      if (isUnder(path, prefixPath)) {
        writer.string(path)
        request.counted++
      }
      if (writer.endsStep(++visited)) yield
    }
    return ErrorCode.ok
  },
}

function isUnder(path: string, prefix: string): boolean {
  return prefix.trim() === '' || prefix.trim() === '/' || path.startsWith(prefix)
}
