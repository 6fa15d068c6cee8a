// Many clients over TLS at once: while certificates are replaced, and all in the same moment.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { copyFileSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connect } from 'node:tls'
import { Client } from '../../../../client/client.ts'
import type { TlsOptions } from '../../../../client/open-socket.ts'
import { OwnServer } from '../../../support/own-server.ts'
import { OPENSSL_MISSING, TestCa } from '../../../support/test-ca.ts'
import { until, within } from '../../../support/until.ts'

const WAIT_MS = 60_000
const CLIENTS = 50
const CROWD = 300

describe('many clients over TLS', { skip: OPENSSL_MISSING }, () => {
  let ca: TestCa
  let served: string
  let server: OwnServer
  let tls: TlsOptions

  before(async () => {
    ca = new TestCa()
    served = join(ca.folder, 'served.pem')
    put()
    server = await OwnServer.start({
      ...ca.options({ both: served }),
      secureClientPort: 0,
      clientCertReload: true,
      maxClientCnxns: 0,
    })
    const alice = ca.issue('alice')
    const [key, cert] = [readFileSync(alice.key), readFileSync(alice.certificate)]
    tls = { ca: readFileSync(ca.root), key, cert }
  })
  after(async () => {
    await server.stop()
    ca.remove()
  })

  /** A new certificate, by a rename. */
  function put(): void {
    const next = `${served}.next`
    copyFileSync(ca.issue('server', { names: 'DNS:localhost' }).both, next)
    renameSync(next, served)
  }

  /** That new connections see. */
  async function serial(): Promise<string> {
    const socket = connect({ ...tls, host: 'localhost', port: server.securePort })
    const seen = new Promise<string>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('secureConnect', () => resolve(socket.getPeerCertificate().serialNumber))
    })
    const found = await within('a handshake', WAIT_MS, seen)
    socket.destroy()
    return found
  }

  test('lose no connection and no write when certificates are replaced', async () => {
    const states: string[] = []
    const clients = Array.from({ length: CLIENTS }, () => {
      const servers = `localhost:${server.securePort}`
      return new Client({ servers, tls, onState: (state) => states.push(state) })
    })
    let isOver = false
    const writes = clients.map(async (client, i) => {
      const path = await client.create(`/client-${i}`, null)
      let count = 0
      while (!isOver) strictEqual((await client.set(path, Buffer.from([count]))).version, ++count)
      return count
    })
    for (let time = 0; time < 2; time++) {
      const before = await serial()
      put()
      await until(
        'the next certificate is served',
        WAIT_MS,
        async () => (await serial()) !== before,
      )
    }
    isOver = true
    const counts = await within('the last writes', WAIT_MS, Promise.all(writes))
    ok(counts.every((count) => count > 0))
    deepStrictEqual(states, Array(CLIENTS).fill('connected'))
    await Promise.all(clients.map((client) => client.close()))
  })

  test('are all served though they come in one moment, and so is who was there', async () => {
    const { stats } = server.server.network
    const failedBefore = stats.unsuccessfulHandshakes
    const writer = new Client({ servers: server.address })
    let isOver = false
    let count = 0
    const writing = (async () => {
      const path = await writer.create('/writer', null)
      while (!isOver) {
        await writer.set(path, null)
        count++
      }
    })()
    const crowd = Array.from({ length: CROWD }, async () => {
      const client = new Client({ servers: `localhost:${server.securePort}`, tls })
      await client.exists('/')
      await client.close()
    })
    await within('the crowd', WAIT_MS, Promise.all(crowd))
    isOver = true
    await writing
    ok(count > 0)
    strictEqual(writer.connection.state, 'connected')
    await writer.close()
    strictEqual(stats.unsuccessfulHandshakes, failedBefore)
  })
})
