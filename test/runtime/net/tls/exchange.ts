// One exchange of bytes over a TLS connection of its own.

import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { within } from '../../../support/until.ts'

const WAIT_MS = 20_000

/** What came after `bytes` until the server closed the connection, or until `enough` of it has come. */
export async function exchange(
  options: ConnectionOptions,
  bytes: Uint8Array,
  enough: number,
): Promise<Buffer> {
  const socket = connect(options)
  return await within('an answer or the end', WAIT_MS, answerOf(socket, bytes, enough))
}

function answerOf(socket: TLSSocket, bytes: Uint8Array, enough: number): Promise<Buffer> {
  let answer = Buffer.alloc(0)
  return new Promise((resolve) => {
    const done = (): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('secureConnect', () => socket.write(bytes))
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length >= enough) done()
    })
    socket.on('error', done)
    socket.on('end', done)
    socket.on('close', done)
  })
}

/** 32 bits each, big-endian. */
export function ints(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeInt32BE(value, i * 4)
  return bytes
}
