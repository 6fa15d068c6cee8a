// Network loops broken on purpose, each in one way, in servers on their own and in ensembles: the
// clients must notice, or whoever watches the loop.

import { ClientConnection } from '../../../runtime/net/client-connection.ts'
import { Stalled } from '../../../runtime/net/stalled.ts'
import { Deadlines } from '../../../runtime/net/transport/deadlines.ts'
import { LastHeardTable } from '../../../runtime/shared/last-heard.ts'
import { InputBuffer } from '../../../runtime/socket/input-buffer.ts'
import { patched, patchedGetter } from './patch.ts'

export interface NetworkPlant {
  readonly name: string
  /** Who must notice, as the failure's text says it. */
  readonly caughtAs: RegExp
  /** It takes hostile clients, and handshakes that have little time. */
  readonly isOfStrangers?: true
  /** Returns how to put it back. */
  patch(): () => void
}

const PREFIX_BYTES = 4
const MISREAD =
  /frame-length|malformed|never (so that|settled)|next in line|answered, never proposed/

export const NETWORK_PLANTS: readonly NetworkPlant[] = [
  {
    name: 'a window is never opened again',
    caughtAs: /is not read from/,
    patch: () => {
      const shut: WeakSet<ClientConnection> = new WeakSet()
      const descriptor = Object.getOwnPropertyDescriptor(ClientConnection.prototype, 'windowFull')
      return patchedGetter(ClientConnection.prototype, 'windowFull', (connection) => {
        if (descriptor?.get?.call(connection) === true) shut.add(connection)
        return shut.has(connection)
      })
    },
  },
  {
    name: 'who waited for room is not taken up again',
    caughtAs: /is not read from|never (so that|settled)/,
    patch: () => patched(Stalled.prototype, 'resume', () => () => undefined),
  },
  {
    name: 'a frame is lost whose length is cut',
    caughtAs: MISREAD,
    patch: () =>
      patched(InputBuffer.prototype, 'keep', (original) => {
        return function (this: InputBuffer) {
          if (this.length < PREFIX_BYTES) this.clear()
          else original.call(this)
        }
      }),
  },
  {
    name: 'what is left of a chunk is read when another lies there',
    caughtAs: MISREAD,
    patch: () => patched(InputBuffer.prototype, 'keep', () => () => undefined),
  },
  {
    name: 'an event is written before the replies that wait for the end of the turn',
    caughtAs: /events up to/,
    patch: () =>
      patched(ClientConnection.prototype, 'gatherShared', () => {
        return function (this: ClientConnection, bytes) {
          this.socket.write(bytes)
        }
      }),
  },
  {
    name: 'a handshake has its time anew with each byte that trickles in',
    caughtAs: /is in its handshake after/,
    isOfStrangers: true,
    patch: forgivingDeadlines,
  },
  {
    name: 'a reply is lost that comes while an earlier one waits to be taken',
    caughtAs: /next in line|never (so that|settled)|frame of|events up to/,
    patch: () =>
      patched(ClientConnection.prototype, 'flush', (original) => {
        return function (this: ClientConnection) {
          const { socket } = this
          if (socket.writableLength === 0) {
            original.call(this)
            return
          }
          const { write } = socket
          socket.write = () => true
          original.call(this)
          socket.write = write
        }
      }),
  },
  {
    name: 'who does not take the last that it is sent is held for ever',
    caughtAs: /has been ending for/,
    isOfStrangers: true,
    patch: () => patched(Deadlines.prototype, 'ending', () => () => undefined),
  },
]

/** Whoever is heard in its handshake is taken for accepted just now. */
function forgivingDeadlines(): () => void {
  let nowMs = 0
  const undo = [
    patched(LastHeardTable.prototype, 'stamp', (original) => {
      return function (this: LastHeardTable, slot, ms) {
        nowMs = ms
        original.call(this, slot, ms)
      }
    }),
    patched(Stalled.prototype, 'pump', (original) => {
      return function (this: Stalled, connection) {
        if (connection.state === 'new') Object.assign(connection, { acceptedMs: nowMs })
        original.call(this, connection)
      }
    }),
  ]
  return () => {
    for (const each of undo) each()
  }
}
