// One server a data folder, with the kernel's lock and without it.

import { doesNotThrow, strictEqual, throws } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { DataLock, DataLockError } from '../../../runtime/disk/data-lock.ts'

describe('the lock on a data folder', () => {
  let folder: string
  const file = (): string => join(folder, 'ringkeeper.lock')
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringkeeper-lock-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const noFlock = spawnSync('flock', ['--version']).error !== undefined && 'there is no flock'
  test('is held until it is released', { skip: noFlock }, () => {
    const lock = DataLock.take(folder, 'create')
    strictEqual(readFileSync(file(), 'utf8'), `${process.pid}\n`)
    throws(
      () => DataLock.take(folder, 'create'),
      (error) => {
        return error instanceof DataLockError && error.message.includes(`process ${process.pid}`)
      },
    )
    lock.release()
    DataLock.take(folder, 'create').release()
  })

  test('makes the folder, if it may', () => {
    const below = join(folder, 'a', 'b')
    throws(() => DataLock.take(below, 'refuse'), /does not exist and .*autocreate is false/)
    DataLock.take(below, 'create').release()
  })

  test('says what is wrong with the folder', () => {
    writeFileSync(join(folder, 'file'), '')
    throws(() => DataLock.take(join(folder, 'file'), 'create'), /Cannot use the data folder .*file/)
  })

  describe('without the flock program', () => {
    const { PATH: path } = process.env
    beforeEach(() => {
      Object.assign(process.env, { PATH: folder })
    })
    afterEach(() => {
      Object.assign(process.env, { PATH: path })
    })

    test('a living process has the folder', () => {
      writeFileSync(file(), `${process.ppid}\n`)
      throws(() => DataLock.take(folder, 'create'), DataLockError)
    })

    test('also where the program finds that there are no locks', () => {
      writeFileSync(join(folder, 'flock'), '#!/bin/sh\nexit 71\n', { mode: 0o755 })
      doesNotThrow(() => DataLock.take(folder, 'create').release())
      writeFileSync(file(), `${process.ppid}\n`)
      throws(() => DataLock.take(folder, 'create'), DataLockError)
    })

    test('a process that is gone does not', () => {
      const { pid } = spawnSync(process.execPath, ['--version'])
      writeFileSync(file(), `${pid}\n`)
      doesNotThrow(() => DataLock.take(folder, 'create').release())
    })
  })
})
