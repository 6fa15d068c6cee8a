// The file of the audit log: others take its place, and a disk that does not keep up costs lines, which
// are counted, and no time.

import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import {
  AuditFile,
  type AuditFileOptions,
  lostAuditLines,
} from '../../../runtime/audit/audit-file.ts'
import { removeFolder, temporaryFolder } from '../../support/own-server.ts'
import { until } from '../../support/until.ts'

const BOUND_MS = 20_000
const LOGGER = { warn: () => {}, error: () => {} }

describe('the file of the audit log', () => {
  let folder: string
  let path: string
  let file: AuditFile | null
  let wallMs = 0
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder, 'audit.log')
    file = null
    wallMs = Date.UTC(2026, 0, 1)
  })
  afterEach(() => {
    file?.close()
    removeFolder(folder)
  })

  const open = async (options: Partial<AuditFileOptions> = {}): Promise<AuditFile> => {
    const defaults = { auditFileSizeInKb: 0, auditFileHours: 0, auditFilesKept: 2 }
    file = new AuditFile(
      { auditFile: path, ...defaults, ...options },
      LOGGER as never,
      () => wallMs,
    )
    await file.ready
    return file
  }
  const text = (suffix = ''): string =>
    existsSync(path + suffix) ? readFileSync(path + suffix, 'utf8') : ''

  test('goes on where it ended, and is whole once it is closed', async () => {
    writeFileSync(path, 'before\n')
    const log = await open()
    log.write('after\n')
    log.close()
    strictEqual(text(), 'before\nafter\n')
  })

  test('that cannot be opened is an error', async () => {
    path = join(folder, 'none', 'audit.log')
    await rejects(open(), /ENOENT/)
  })

  test('makes room for another when it is long enough; so many are kept', async () => {
    const log = await open({ auditFileSizeInKb: 1 })
    for (const letter of ['a', 'b', 'c', 'd']) {
      const line = `${letter.repeat(1023)}\n`
      log.write(line)
      await until('the line is in an older file', BOUND_MS, () => text('.1') === line)
    }
    deepStrictEqual([text('.1')[0], text('.2')[0], existsSync(`${path}.3`)], ['d', 'c', false])
    log.write('e\n')
    await until('the line is in the new one', BOUND_MS, () => text() === 'e\n')
  })

  test('makes room for another when it is old enough', async () => {
    const log = await open({ auditFileHours: 24 })
    log.write('old\n')
    wallMs += 24 * 3_600_000
    log.write('old as well\n')
    await until('there is an older file', BOUND_MS, () => text('.1') === 'old\nold as well\n')
  })

  test('loses what finds no room, and counts it, and waits for nothing', async () => {
    const log = await open()
    const before = lostAuditLines()
    const line = `${'x'.repeat(1 << 20)}\n`
    for (let i = 0; i < 20; i++) log.write(line)
    ok(lostAuditLines() - before >= 10, `${lostAuditLines() - before} lines`)
  })
})
