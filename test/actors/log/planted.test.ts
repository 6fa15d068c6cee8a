// ZooKeeper's issues about its log, planted into ours: what they leave on disk is noticed.

import { strictEqual, throws } from 'node:assert'
import { describe, it } from 'node:test'
import { LossError } from '../../../actors/log/files/errors.ts'
import { LogWriter } from '../../../actors/log/files/log-writer.ts'
import { patched } from '../../simulator/plants/patch.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import { append, later, settle, started, writeSnapshot, z } from './bench.ts'

describe('4882: a disk that fails for a moment', () => {
  it('ends the log; were it to go on, the hole would be found', () => {
    for (const planted of [false, true]) {
      const disk = new SimulatedDisk()
      const made = started(disk)
      append(made.log, z(0, 1), 20)
      settle(made)
      const undo = planted ? patched(LogWriter.prototype, 'write', forgiving) : () => undefined
      try {
        append(made.log, z(0, 2), 20)
        disk.failAt(1, 'EIO')
        if (!planted) throws(() => settle(made), /writing failed: EIO/)
        if (!planted) continue
        settle(made)
        append(made.log, z(0, 3), 20)
        settle(made)
      } finally {
        undo()
      }
      throws(() => started(disk), /0x3 stands after 0x1: transactions between them are missing/)
    }
  })
})

describe('1069: an orderly end', () => {
  it('at any moment leaves a log that is read to its end', () => {
    for (let turns = 0; turns < 40; turns++) {
      const disk = new SimulatedDisk()
      const before = started(disk, { txnLogSizeLimitBytes: 400 })
      for (let i = 1; i <= 9; i++) append(before.log, z(0, i), 20)
      settle(before)
      writeSnapshot(disk, z(0, 4), 1)
      before.log.shutdown()
      const next = started(disk, { txnLogSizeLimitBytes: 400 })
      for (let i = 0; i < turns; i++) {
        append(next.log, z(0, 10 + i), 20)
        if (i % 3 === 0) next.log.endTurn()
        if (i % 7 === 0) later(next)
      }
      next.log.shutdown()
      strictEqual(started(disk).recorder.recoveredTo, z(0, 9 + turns))
    }
  })

  it('that took some of the last entry with it would be found', () => {
    const disk = new SimulatedDisk()
    const { log } = started(disk)
    append(log, z(0, 1), 20)
    append(log, z(0, 2), 20)
    log.endTurn()
    const undo = patched(LogWriter.prototype, 'close', (original) => {
      return function (this: LogWriter) {
        this.mark()
        this.position -= 5
        original.call(this)
      }
    })
    try {
      log.shutdown()
    } finally {
      undo()
    }
    throws(() => started(disk), LossError)
  })
})

function forgiving(original: LogWriter['write']): LogWriter['write'] {
  return function (this: LogWriter, ...args) {
    try {
      original.apply(this, args)
    } catch {
      // As if it had been written.
    }
  }
}
