// Writes the answer to a four-letter word and closes the socket. A long one is made as it is taken.

import type { Socket } from 'node:net'

/** Who takes nothing for so long has gone. */
const PATIENCE_MS = 30_000

/** Rejects when the client goes, or takes nothing. */
export async function sendText(
  socket: Socket,
  text: string | AsyncIterable<string>,
): Promise<void> {
  if (typeof text !== 'string') {
    for await (const part of text) {
      if (socket.destroyed) throw new Error('the client has gone')
      if (!socket.write(part)) await drained(socket)
    }
  }
  socket.end(typeof text === 'string' ? text : '', () => socket.destroy())
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error('the answer is not taken'))
    const patience = setTimeout(fail, PATIENCE_MS)
    socket.once('close', fail)
    socket.once('drain', () => {
      clearTimeout(patience)
      socket.off('close', fail)
      resolve()
    })
    socket.once('close', () => clearTimeout(patience))
  })
}
