// The audit log against ZooKeeper's: the same operations, and the same lines but for times and sessions.

import { deepStrictEqual, ok } from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client } from '../../client/client.ts'
import { checkOp, createOp, deleteOp, setOp } from '../../client/operations.ts'
import { classPath } from '../../perf/servers/apache-command.ts'
import { CreateMode, Perm } from '../../protocol/op-code.ts'
import { APACHE_MISSING, ApacheServer } from '../support/apache.ts'
import { run, runs, skipUnless, successOf } from '../support/foreign.ts'
import { OwnServer, removeFolder, temporaryFolder } from '../support/own-server.ts'
import { until } from '../support/until.ts'

const SOURCE = fileURLToPath(
  new URL('../../../test/compat/audit/AuditToFile.java', import.meta.url),
)
const skip =
  APACHE_MISSING !== false
    ? APACHE_MISSING
    : skipUnless(runs('javac', ['-version']), 'javac', 'default-jdk-headless')

/** Whatever fails is meant to. */
async function operations(address: string): Promise<void> {
  const client = new Client({ servers: address })
  const tried = async (work: Promise<unknown>): Promise<void> => {
    await work.catch(() => undefined)
  }
  const sasl = [{ perms: Perm.read | Perm.admin, id: { scheme: 'ip', id: '127.0.0.1' } }]
  const open = [{ perms: Perm.all, id: { scheme: 'world', id: 'anyone' } }]
  await client.create('/a', Buffer.from('x'))
  await tried(client.create('/a', null))
  await tried(client.create('/no/a', null, { mode: CreateMode.ephemeral }))
  await client.addAuth('digest', Buffer.from('bob:secret'))
  await client.create('/a/e', null, { mode: CreateMode.ephemeral })
  await client.create('/a/s-', null, { mode: CreateMode.persistentSequential })
  await client.create('/a/es-', null, { mode: CreateMode.ephemeralSequential })
  await client.create2('/a/c', null, { mode: CreateMode.container })
  await client.create2('/a/ttl', null, { ttlMs: 100_000 })
  await client.set('/a', Buffer.from('y'))
  await tried(client.set('/a', null, 99))
  await client.setAcl('/a/c', sasl)
  await client.setAcl('/a/c', [...sasl, ...open])
  await tried(client.setAcl('/no', open))
  await client.delete('/a/c')
  await tried(client.delete('/no'))
  await tried(client.delete('/a'))
  await client.get('/a')
  await client.multi([createOp('/m', null), setOp('/m', null), checkOp('/m', 1), deleteOp('/m')])
  await tried(client.multi([createOp('/m', null), deleteOp('/no')]))
  await client.close()
}

/** Without time, level and session. */
function lines(file: string): string[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) =>
      line
        .replace(/^.* audit\.Slf4jAuditLogger: /, '')
        .replace(/^session=0x[0-9a-f]+/, 'session')
        // ZooKeeper's users are in no order.
        .replace(/user=[^\t]*/, (users) => users.replace(/user=/, '').split(',').sort().join(','))
        .replaceAll(`${userInfo().username}\t`, 'server\t'),
    )
}

let folder: string
before(() => {
  folder = temporaryFolder()
})
after(() => removeFolder(folder))

test('the audit log has the lines of ZooKeeper’s', { skip }, async () => {
  const theirs = join(folder, 'theirs.log')
  const ours = join(folder, 'ours.log')
  successOf('javac', await run('javac', ['-cp', classPath(), '-d', folder, SOURCE]))
  const apache = await ApacheServer.start({
    properties: [
      'zookeeper.audit.enable=true',
      'zookeeper.audit.impl.class=AuditToFile',
      'zookeeper.extendedTypesEnabled=true',
      `audit.file=${theirs}`,
    ],
    classes: folder,
  })
  try {
    await operations(apache.address)
  } finally {
    await apache.stop()
  }
  const own = await OwnServer.start({ auditEnable: true, auditFile: ours, extendedTypes: true })
  try {
    await operations(own.address)
    const isWhole = (): boolean =>
      lines(ours).filter((line) => /ephemeralZ/.test(line)).length === 2
    await until('both ephemeral nodes are gone', 20_000, isWhole)
  } finally {
    await own.stop()
  }
  const wanted = lines(theirs)
  ok(wanted.length > 15, wanted.join('\n'))
  // ZooKeeper has no line for them.
  const isTtl = (line: string): boolean => line.includes('_ttl')
  const isServers = (line: string): boolean => /operation=(server|ephemeral)/.test(line)
  deepStrictEqual(
    lines(ours).filter((line) => !isServers(line) && !isTtl(line)),
    wanted.filter((line) => !isServers(line)),
  )
  deepStrictEqual(
    lines(ours).filter(isServers).sort(),
    [
      ...wanted.filter((line) => line.includes('ephemeral') && isServers(line)),
      'server\toperation=serverStart\tresult=success',
      'server\toperation=serverStop\tresult=invoked',
    ].sort(),
  )
})
