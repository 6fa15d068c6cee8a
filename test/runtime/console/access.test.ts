// Which pages may read: this server's own and other members', by whatever name of the local machine.

import { strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import type { Asked } from '../../../runtime/admin/http-listener.ts'
import { checkReader } from '../../../runtime/console/access.ts'
import { Problem } from '../../../runtime/console/answers.ts'
import { neighboursOf } from '../../../runtime/console/members.ts'

const NEIGHBOURS = {
  origins: ['http://127.0.0.1:8081', 'http://zk2.example:8080', 'http://[fd00::2]:8080'],
  hosts: ['zk1.example', 'zk2.example'],
}

/** What may read the answer: `own`, an origin, or the status of a refusal. */
function reader(host: string, origin: string | null): string {
  const headers: Readonly<Record<string, string | null>> = { host, origin }
  const asked = { header: (name: string) => headers[name] ?? null } as Asked
  try {
    return checkReader(asked, NEIGHBOURS) ?? 'own'
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return String(error.status)
  }
}

const CASES: readonly (readonly [host: string, origin: string | null, expected: string])[] = [
  ['127.0.0.1:8080', null, 'own'],
  ['localhost:8080', 'http://localhost:8080', 'own'],
  ['[::1]:8080', 'http://[::1]:8080', 'own'],
  ['10.0.0.7:8080', null, 'own'],
  ['ZK1.example:8080', null, 'own'],
  ['evil.example:8080', null, '421'],
  ['127.0.0.1.evil.example:8080', null, '421'],
  ['', null, '421'],
  ['localhost:8080', 'http://localhost:8081', 'http://localhost:8081'],
  ['127.0.0.1:8080', 'http://zk2.example:8080', 'http://zk2.example:8080'],
  ['127.0.0.1:8080', 'http://[fd00::2]:8080', 'http://[fd00::2]:8080'],
  ['127.0.0.1:8080', 'http://localhost:8082', '403'],
  ['127.0.0.1:8080', 'https://zk2.example:8080', '403'],
  ['127.0.0.1:8080', 'http://zk2.example:8080.evil.example', '403'],
  ['127.0.0.1:8080', 'http://zk2.example', '403'],
  ['127.0.0.1:8080', 'null', '403'],
]
for (const [host, origin, expected] of CASES) {
  test(`${host} asked by ${origin}: ${expected}`, () => strictEqual(reader(host, origin), expected))
}

test('a standalone server has no neighbours', () => {
  const { origins } = neighboursOf({
    ensemble: null,
    consoleMembers: new Map(),
    adminServerPort: 1,
    adminForceHttps: false,
  })
  strictEqual(origins.length, 0)
})
