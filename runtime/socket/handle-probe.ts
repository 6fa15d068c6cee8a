// Tries once whether this version of Node lets us take an accepted socket's handle
// (read-buffer.ts), on a connection to ourselves over loopback. This is done before any client
// connects. So if Node gives up what read-buffer.ts rests on, that costs some speed, and no
// connection.

import { once } from 'node:events'
import {
  type AddressInfo,
  createConnection,
  createServer,
  type Server,
  type Socket,
} from 'node:net'
import { isInBuffer, withItsHandle } from './read-buffer.ts'

const LOOPBACK = '127.0.0.1'
const PATIENCE_MS = 2000

export type Take = typeof withItsHandle

/** Why handles cannot be taken; null if they can. */
export async function probeHandles(take: Take = withItsHandle): Promise<string | null> {
  const server = createServer({ allowHalfOpen: true, noDelay: true })
  const sockets: Socket[] = []
  let patience: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    patience = setTimeout(() => resolve('nothing came for two seconds'), PATIENCE_MS)
  })
  try {
    return await Promise.race([tried(server, sockets, take), late])
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(patience)
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

/** Bytes there, bytes back, and an end in each direction; after that nobody is connected any
 * more. */
async function tried(server: Server, sockets: Socket[], take: Take): Promise<string | null> {
  server.listen(0, LOOPBACK)
  await once(server, 'listening')
  const near = createConnection({ host: LOOPBACK, port: (server.address() as AddressInfo).port })
  near.on('error', ignore)
  sockets.push(near)
  const [accepted] = (await once(server, 'connection')) as [Socket]
  sockets.push(accepted)
  const far = take(accepted, true)
  if (far === accepted) return 'an accepted socket has no handle that could be taken'
  far.on('error', ignore)
  sockets.push(far)
  near.write('there')
  const [chunk] = (await once(far, 'data')) as [Uint8Array]
  if (!isInBuffer(chunk)) return 'it does not read into the buffer'
  if (Buffer.from(chunk).toString() !== 'there') return 'it reads something else'
  far.write('back')
  const [answer] = (await once(near, 'data')) as [Buffer]
  if (answer.toString() !== 'back') return 'it writes something else'
  const closed = [once(near, 'close'), once(far, 'close')]
  near.end()
  await once(far, 'end')
  far.end()
  await Promise.all(closed)
  const count = await new Promise<number>((resolve) => {
    server.getConnections((_, connections) => resolve(connections))
  })
  return count === 0 ? null : 'its server does not count it'
}

function ignore(): void {}
