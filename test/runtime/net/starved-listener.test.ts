// Listeners that cannot accept any more: they close their port instead of failing for ever, and open
// it again. And one whose own name is not known yet.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import dns from 'node:dns'
import { EventEmitter, once } from 'node:events'
import { connect, Server } from 'node:net'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import { TcpListener } from '../../../runtime/net/transport/tcp-transport.ts'
import { PortListener } from '../../../runtime/peer/port-listener.ts'

type Looked = (error: Error | null, address?: string, family?: number) => void

const LOCALHOST = '127.0.0.1'

describe('out of file descriptors', () => {
  let servers: Server[]
  const starve = (): boolean => {
    return servers.at(-1)!.emit('error', Object.assign(new Error('accept'), { code: 'EMFILE' }))
  }

  beforeEach(() => {
    servers = []
    const { listen } = Server.prototype
    mock.method(Server.prototype, 'listen', function (this: Server, ...args: unknown[]) {
      servers.push(this)
      return Reflect.apply(listen, this, args)
    })
    mock.timers.enable({ apis: ['setTimeout'] })
  })
  afterEach(() => mock.reset())

  test('the port for clients', async () => {
    const problems: string[] = []
    let accepted = 0
    const listener = new TcpListener(
      {
        clientPort: 0,
        clientPortAddress: LOCALHOST,
        clientPortListenBacklog: -1,
        clientTcpKeepAlive: false,
      },
      {
        accept: (socket) => {
          accepted++
          socket.destroy()
        },
        knock: () => null,
        notAccepted: ({ message }) => problems.push(message),
      },
    )
    const port = await listener.open()
    for (let time = 1; time <= 2; time++) {
      starve()
      starve()
      strictEqual(servers[0]?.listening, false)
      mock.timers.tick(1000)
      await once(servers[0]!, 'listening')
    }
    deepStrictEqual(problems, ['accept', 'accept', 'accept', 'accept'])
    await once(connect(port, LOCALHOST), 'close')
    deepStrictEqual([listener.port, accepted], [port, 1])
    await listener.close()

    starve()
    mock.timers.tick(1000)
    strictEqual(servers[0]?.listening, false)
  })

  test('a port for peers, which once it was bound is never given up', async () => {
    const problems: string[] = []
    const listener = new PortListener(
      { host: LOCALHOST, port: 0 },
      { tries: 1, delayMs: 1000 },
      {
        accept: (socket) => socket.destroy(),
        bindFailed: ({ message }) => problems.push(message),
      },
    )
    await listener.open()
    for (let time = 1; time <= 3; time++) {
      starve()
      strictEqual(listener.port, 0)
      mock.timers.tick(1000)
      await once(servers.at(-1)!, 'listening')
    }
    deepStrictEqual(problems, Array(3).fill('cannot accept on 127.0.0.1:0: accept'))
    strictEqual(listener.port > 0, true)
    listener.close()
  })

  test('a port for peers whose name resolves at last', async () => {
    const problem = Object.assign(new Error('no such host'), { syscall: 'getaddrinfo' })
    let isKnown = false
    // Node 22 has options before the callback; 20 has none.
    mock.method(dns, 'lookup', (_name: string, ...rest: unknown[]) => {
      const done = rest.at(-1) as Looked
      if (isKnown) done(null, LOCALHOST, 4)
      else done(problem)
    })
    let failures = 0
    const failed = new EventEmitter()
    const listener = new PortListener(
      { host: 'me.invalid', port: 0 },
      { tries: 1, delayMs: 1000 },
      {
        accept: (socket) => socket.destroy(),
        bindFailed: () => {
          failures++
          failed.emit('failed')
        },
      },
    )
    const bound = listener.open()
    for (let time = 1; time <= 5; time++) {
      if (failures < time) await once(failed, 'failed')
      isKnown = time === 5
      mock.timers.tick(1000)
    }
    await bound
    deepStrictEqual([failures, listener.port > 0], [5, true])
    listener.close()
  })
})
