// The file of the audit log: others take its place, and a disk that does not keep up costs lines, which
// are counted, and no time.

import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict'
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

describe('the file of the audit log', () => {
  let folder: string
  let path: string
  let file: AuditFile | null
  let wallMs = 0
  let said: string[]
  beforeEach(() => {
    said = []
    folder = temporaryFolder()
    path = join(folder, 'audit.log')
    file = null
    wallMs = Date.UTC(2026, 0, 1)
  })
  afterEach(async () => {
    await file?.close()
    removeFolder(folder)
  })

  const open = async (options: Partial<AuditFileOptions> = {}): Promise<AuditFile> => {
    const defaults = { auditFileSizeInKb: 0, auditFileHours: 0, auditFilesKept: 2 }
    file = new AuditFile(
      { auditFile: path, ...defaults, ...options },
      { warn: (line: unknown) => said.push(JSON.stringify(line)), error: () => {} } as never,
      () => wallMs,
    )
    await file.ready
    return file
  }
  /** Nothing, if there is none: it may just be replaced by another. */
  const text = (suffix = ''): string => {
    try {
      return readFileSync(path + suffix, 'utf8')
    } catch {
      return ''
    }
  }

  test('goes on where it ended, and is whole once it is closed', async () => {
    writeFileSync(path, 'before\n')
    const log = await open()
    log.write('after\n')
    await log.close()
    strictEqual(text(), 'before\nafter\n')
  })

  test('is whole once it is closed, whatever is under way', async () => {
    const line = (i: number): string => `${i}:${'x'.repeat(64 << 10)}\n`
    const all = Array.from({ length: 100 }, (_, i) => line(i)).join('')
    for (let round = 0; round < 5; round++) {
      path = join(folder, `audit.${round}`)
      const log = await open()
      for (let i = 0; i < 100; i++) log.write(line(i))
      await log.close()
      strictEqual(text() === all, true, `round ${round}: ${text().length} of ${all.length}`)
    }
  })

  test('is whole if it is closed before it is open', async () => {
    void open()
    file?.write('first\n')
    await file?.close()
    strictEqual(text(), 'first\n')
  })

  test('is whole if it is closed while another takes its place', async () => {
    const log = await open({ auditFileSizeInKb: 1 })
    log.write(`${'a'.repeat(1023)}\n`)
    log.write('b\n')
    await log.close()
    strictEqual(text('.1') + text(), `${'a'.repeat(1023)}\nb\n`)
  })

  test('lines that come after its end are lost, and counted', async () => {
    const log = await open()
    await log.close()
    const before = lostAuditLines()
    log.write('late\n')
    deepStrictEqual([lostAuditLines() - before, text()], [1, ''])
  })

  test('says at its end what it has lost, and does not wait for a disk that fails', async () => {
    path = '/dev/full'
    const log = await open()
    log.write('nowhere\n')
    await log.close()
    match(said.join(), /ENOSPC/)
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
