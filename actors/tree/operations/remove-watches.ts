// removeWatches; and checkWatches, which only asks whether there are any to remove. The watches
// actor answers.

import type { ReadOperation } from './operation.ts'

export const checkWatches: ReadOperation = removal(false)
export const removeWatches: ReadOperation = removal(true)

function removal(remove: boolean): ReadOperation {
  return {
    read(request) {
      request.readAnyPath()
      const type = request.reader.int()
      const { slot, reader, pathStart, pathEnd } = request
      request.events.removeWatches(slot, type, remove, reader.bytes, pathStart, pathEnd)
      return 'watch-result'
    },
  }
}
