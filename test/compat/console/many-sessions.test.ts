// Ten thousand real sessions on one server: the words and commands that list them, and the console in a
// browser. The server is a process of its own, so that each side needs only its own ends of the connections.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { Client } from '../../../client/client.ts'
import { Ensemble } from '../../../perf/ensemble/ensemble.ts'
import type { Member } from '../../../perf/ensemble/member.ts'
import { freePorts } from '../../../perf/ensemble/ports.ts'
import { Crowd } from '../../../perf/load/crowd.ts'
import { ask } from '../../bin/launch.ts'
import { Chromium, chromiumSkip, says, show } from './chromium.ts'

const MANY = 10_000
const WHOLE_MS_MAX = 60_000
/** Connections, and what else has a descriptor. */
const DESCRIPTORS = MANY + 500
const [, allowed = '0'] =
  /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
const skip =
  Number(allowed) >= DESCRIPTORS
    ? false
    : `${allowed} open files are allowed: ulimit -n ${DESCRIPTORS}`

describe('ten thousand sessions', { skip }, () => {
  let ensemble: Ensemble
  let member: Member
  let crowd: Crowd
  let admin = ''

  before(async () => {
    const [port] = await freePorts(1)
    admin = `http://127.0.0.1:${port}`
    ensemble = await Ensemble.prepare({
      ids: [1],
      configurationOf: () => [
        ...['maxClientCnxns=0', '4lw.commands.whitelist=*', 'admin.enableServer=true'],
        `admin.serverPort=${port}`,
      ],
    })
    ensemble.start()
    member = await ensemble.whole(WHOLE_MS_MAX)
    crowd = await Crowd.open([member.clientPort], MANY)
  })
  after(async () => {
    crowd?.drop()
    await ensemble?.end()
  })

  test('cons: a line for each, and nobody waits for it', async (t) => {
    const client = new Client({ servers: member.address, sessionTimeoutMs: 20_000 })
    await client.create('/asked-meanwhile', null)
    const [text, answered] = await during(ask(member.clientPort, 'cons'), client)
    const lines = text.split('\n').filter((line) => /sid=0x[0-9a-f]+,/.test(line))
    strictEqual(lines.length, MANY + 1)
    t.diagnostic(`${text.length} characters, ${answered} reads answered meanwhile`)
    ok(answered > 0)
    await client.close()
  })

  test('dump: each is there', async () => {
    const text = await ask(member.clientPort, 'dump')
    strictEqual(/^Session Sets \(\d+\)\/\((\d+)\):/m.exec(text)?.[1], String(MANY))
    strictEqual(text.match(/^\t0x[0-9a-f]+$/gm)?.length, MANY)
  })

  test('the admin server’s connections: an object for each, with an id of its own', async () => {
    const text = await (await fetch(`${admin}/commands/connections`)).text()
    const ids = [...text.matchAll(/"session_id" : (\d+)/g)].map(([, id]) => id)
    deepStrictEqual([ids.length, new Set(ids).size], [MANY, MANY])
    const { connections } = JSON.parse(text) as { connections: unknown[] }
    strictEqual(connections.length, MANY)
  })

  test('the console: pages, orders and a filter', { skip: chromiumSkip }, async () => {
    const chromium = await Chromium.start()
    try {
      const { page, troubles } = await chromium.open(`${admin}/console/`)
      await show(page, 'sessions', 'Sessions')
      await says(page, '.pager', '1 to 50 of 10,00')
      await show(page, 'sessions?order=requests&page=199', 'Sessions')
      await says(page, '.pager', '9,951 to 10,000 of 10,00')
      const ids = (await ask(member.clientPort, 'cons')).match(/0x[0-9a-f]{9,}/g) ?? []
      const id = ids[MANY / 2] ?? ''
      await show(page, `sessions?filter=${id}`, 'Sessions')
      await says(page, '.pager', '1 to 1 of 1')
      await says(page, 'tbody', id)
      deepStrictEqual(troubles, [])
    } finally {
      await chromium.close()
    }
  })
})

/** The answer, and how many reads of a client were answered before it came. */
async function during(answer: Promise<string>, client: Client): Promise<[string, number]> {
  let isOver = false
  const text = answer.finally(() => {
    isOver = true
  })
  let answered = 0
  while (!isOver) {
    await client.get('/asked-meanwhile')
    answered++
  }
  return [await text, answered]
}
