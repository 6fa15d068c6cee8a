// Shedding connections: who may, how many are closed, what is wrong with a request.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { Client } from '../../../client/client.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import { adminPages } from '../../../runtime/admin/admin-server.ts'
import { HttpListener } from '../../../runtime/admin/http-listener.ts'
import { OwnServer } from '../../support/own-server.ts'
import { until } from '../../support/until.ts'

const HOST = '127.0.0.1'
const IDLE_MS = 30_000
const SESSION_MS = 20_000
const CLIENTS = 10
const BACK_MS_MAX = 30_000

describe('shed_connections', () => {
  let server: OwnServer
  let listener: HttpListener
  let clients: Client[] = []
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await listener.close()
    await server.stop()
    clients = []
  })

  async function start(): Promise<(body: string | null, proof?: string) => Promise<Response>> {
    server = await OwnServer.start()
    listener = new HttpListener(adminPages(server.server, '/commands'), IDLE_MS)
    const port = await listener.listen(0, HOST)
    return (body, proof = 'digest ann:secret') => {
      const headers = proof === '' ? {} : { authorization: proof }
      const url = `http://${HOST}:${port}/commands/shed`
      return fetch(url, body === null ? { headers } : { method: 'POST', headers, body })
    }
  }

  test('closes that share of the connections, and no session ends', async () => {
    const shed = await start()
    clients = Array.from({ length: CLIENTS }, () => {
      return new Client({ servers: server.address, sessionTimeoutMs: SESSION_MS })
    })
    for (const [i, client] of clients.entries()) {
      await client.create(`/n${i}`, utf8Bytes('x'), { mode: CreateMode.ephemeral })
    }
    const { connectionRequests } = server.server.network.stats
    const answer = await shed('{"percentage": 30}')
    deepStrictEqual(
      [answer.status, await answer.json()],
      [
        200,
        {
          ...{ connections_shed: 3, percentage_requested: 30 },
          ...{ command: 'shed_connections', error: null },
        },
      ],
    )
    const { stats } = server.server.network
    await until('three connect again', BACK_MS_MAX, () => {
      return stats.connectionRequests === connectionRequests + 3
    })
    const [reader] = clients
    strictEqual((await reader!.getChildren('/')).children.length, CLIENTS + 1)
  })

  const WRONG: readonly (readonly [string | null, string | undefined, number, string | null])[] = [
    ['{"percentage": 1}', '', 401, 'Auth info is missing for the command'],
    ['{"percentage": 1}', 'basic x', 401, 'Not authenticated'],
    ['', undefined, 400, 'Request body is required'],
    ['{}', undefined, 400, 'Missing required field: percentage'],
    ['null', undefined, 400, 'Missing required field: percentage'],
    ['{"percentage": 101}', undefined, 400, 'Percentage must be between 0 and 100'],
    ['{"percentage": -1}', undefined, 400, 'Percentage must be between 0 and 100'],
    ['{"percentage": "9"}', undefined, 400, 'Percentage must be between 0 and 100'],
    [null, undefined, 405, null],
  ]
  test('says what is wrong with a request', async () => {
    const shed = await start()
    for (const [body, proof, status, error] of WRONG) {
      const answer = await shed(body, proof)
      strictEqual(answer.status, status, `${body}`)
      const text = await answer.text()
      if (error !== null) strictEqual((JSON.parse(text) as { error: string }).error, error)
      else strictEqual(answer.headers.get('allow'), 'POST')
    }
    for (const body of ['{"percentage":', ' '.repeat(20_000)]) {
      const { error } = (await (await shed(body)).json()) as { error: string }
      strictEqual(/^Invalid JSON or failed to read request body: ./.test(error), true, error)
    }
  })
})
