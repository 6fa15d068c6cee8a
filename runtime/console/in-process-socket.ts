// A connection of a client in this process to the network loop: two ends joined in memory. It needs no
// port, and it has the address of the person whom the client acts for. So access lists that name
// addresses mean what they say, also for a console that is looked at from another host.

import { Duplex } from 'node:stream'
import type { ClientSocket } from '../net/transport/client-transport.ts'

class End extends Duplex {
  other: End | null = null
  /** A write of the other end that waits until this end is read. */
  #waiting: (() => void) | null = null

  override _read(): void {
    const go = this.#waiting
    this.#waiting = null
    go?.()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // The writer uses its bytes again afterwards. Later, because whoever writes is not done yet.
    const copy = Buffer.from(chunk)
    setImmediate(() => this.other?.bring(copy, done))
  }

  override _final(done: () => void): void {
    setImmediate(() => {
      if (this.other?.destroyed === false) this.other.push(null)
      done()
    })
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this
    this.other = null
    setImmediate(() => other?.destroy())
    done(error)
  }

  bring(chunk: Buffer, done: () => void): void {
    if (this.destroyed || this.push(chunk)) done()
    else this.#waiting = done
  }
}

/** `client` is the client's end. The other end is as if somebody at `address` had connected. */
export function joinedEnds(address: string): {
  readonly client: Duplex
  readonly server: ClientSocket
} {
  const [client, server] = [new End(), new End()]
  client.other = server
  server.other = client
  return { client, server: Object.assign(server, { remoteAddress: address, remotePort: 0 }) }
}
