// Listens to the servers' heartbeats: each election connection goes through a proxy, which passes on
// everything at once and notes when something came. An idle ensemble of ours sends nothing there but
// pulses.

import { once } from 'node:events'
import {
  type AddressInfo,
  createConnection,
  createServer,
  type Server,
  type Socket,
} from 'node:net'
import type { PeerPorts } from './ensemble.ts'
import { LOOPBACK } from './member.ts'

interface Sign {
  readonly by: number
  readonly to: number
  readonly atMs: number
}

export class Heartbeats {
  readonly #servers: Server[] = []
  readonly #sockets: Set<Socket> = new Set()
  #signs: Sign[] = []

  /** For Ensemble.prepare. */
  readonly route = async (from: number, to: number, own: PeerPorts): Promise<PeerPorts> => {
    const server = createServer({ noDelay: true }, (near) => {
      const far = createConnection({ host: LOOPBACK, port: own.election, noDelay: true })
      this.#pass(near, far, from, to)
      this.#pass(far, near, to, from)
    })
    this.#servers.push(server)
    server.listen(0, LOOPBACK)
    await once(server, 'listening')
    return { quorum: own.quorum, election: (server.address() as AddressInfo).port }
  }

  /** The longest time between two signs of this server to another one, in ms, since the last call. */
  longestGapMs(by: number): number {
    const lastMs = new Map<number, number>()
    let longestMs = 0
    for (const sign of this.#signs) {
      if (sign.by !== by) continue
      longestMs = Math.max(longestMs, sign.atMs - (lastMs.get(sign.to) ?? sign.atMs))
      lastMs.set(sign.to, sign.atMs)
    }
    this.#signs = []
    return longestMs
  }

  close(): void {
    for (const server of this.#servers) server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #pass(source: Socket, target: Socket, by: number, to: number): void {
    this.#sockets.add(source)
    source.on('data', (chunk) => {
      this.#signs.push({ by, to, atMs: performance.now() })
      target.write(chunk)
    })
    source.on('error', () => {})
    source.on('close', () => {
      this.#sockets.delete(source)
      target.destroy()
    })
  }
}
