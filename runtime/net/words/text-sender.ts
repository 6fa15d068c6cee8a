// Writes the answer to a four-letter word. A long answer is made as it is taken.

import type { ClientSocket, ClientTransport } from '../transport/client-transport.ts'

/** A client that takes nothing for this long has gone. */
const PATIENCE_MS = 30_000

export function sendText(socket: ClientSocket, text: string): void {
  if (text !== '') socket.write(Buffer.from(text))
}

/** Rejects if the client goes, or takes nothing. */
export async function sendParts(
  socket: ClientSocket,
  text: string | AsyncIterable<string>,
  after: ClientTransport['after'],
): Promise<void> {
  if (typeof text === 'string') {
    sendText(socket, text)
    return
  }
  for await (const part of text) {
    if (socket.destroyed) throw new Error('the client has gone')
    if (!socket.write(Buffer.from(part))) await drained(socket, after)
  }
}

function drained(socket: ClientSocket, after: ClientTransport['after']): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      forget()
      socket.off('close', fail)
      socket.off('drain', done)
    }
    const fail = (): void => {
      stop()
      reject(new Error('the answer is not taken'))
    }
    const done = (): void => {
      stop()
      resolve()
    }
    const forget = after(PATIENCE_MS, fail)
    socket.once('close', fail)
    socket.once('drain', done)
  })
}
