// A snapshot of the leader that replaces the whole history; abandoning that; loading anew.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert'
import { describe, it } from 'node:test'
import { UNFINISHED_NAME } from '../../../actors/log/files/unfinished.ts'
import { formatZxid, type Zxid } from '../../../protocol/zxid.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import {
  append,
  type Bench,
  bench,
  concat,
  logFile,
  settle,
  snapshotFile,
  started,
  transaction,
  writeSnapshot,
  z,
} from './bench.ts'
import { everyCrash } from './crashes.ts'

const OLD = 1
const NEW = 2
/** Of the install: an epoch without a transaction is usual, and so is an empty tree. */
const TARGETS: readonly Zxid[] = [z(3, 7), z(2, 0), z(0, 0), z(1, 2)]

describe('an install', () => {
  for (const zxid of TARGETS) {
    it(`at ${formatZxid(zxid)} replaces everything, and the log goes on behind it`, () => {
      const disk = new SimulatedDisk()
      const made = filled(disk)
      made.log.install(zxid)
      deepStrictEqual(made.recorder.taken(), [['snapshotNow', formatZxid(zxid)]])
      writeSnapshot(disk, zxid, NEW)
      made.log.snapshotSaved(zxid)
      deepStrictEqual(made.recorder.taken(), [['installed']])
      deepStrictEqual([...disk.contents('log').keys()], ['synced-mark'])
      deepStrictEqual([...disk.contents('snapshot').keys()], [snapshotNamed(zxid)])
      throws(() => append(made.log, z(5, 2), 1), /hole/)
      append(made.log, z(5, 1), 20)
      settle(made)
      disk.kill()
      const { recorder } = started(disk)
      strictEqual(concat(recorder.body)[0], NEW)
      deepStrictEqual([...recorder.replayed.keys()], [z(5, 1)])
      deepStrictEqual(recorder.events, ['snapshot-loaded', 'log-recovered'])
    })
  }

  it('continues in the same epoch', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    install(made, disk, z(2, 0))
    append(made.log, z(2, 1), 20)
    settle(made)
    deepStrictEqual([...started(disk).recorder.replayed.keys()], [z(2, 1)])
  })

  it('makes what was appended before durable first', () => {
    const made = filled(new SimulatedDisk())
    append(made.log, z(1, 5), 20)
    made.log.install(z(2, 0))
    deepStrictEqual(made.recorder.taken(), [
      ['synced', '0x100000005'],
      ['snapshotNow', '0x200000000'],
    ])
  })

  it('lets a snapshot under way end first', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    made.log.install(z(2, 0))
    made.recorder.taken()
    writeSnapshot(disk, z(1, 3), OLD)
    made.log.snapshotSaved(z(1, 3))
    deepStrictEqual(made.recorder.taken(), [])
    writeSnapshot(disk, z(2, 0), NEW)
    made.log.snapshotSaved(z(2, 0))
    deepStrictEqual([...disk.contents('snapshot').keys()], [snapshotNamed(z(2, 0))])
  })

  it('whose snapshot could not be written is fatal', () => {
    const made = filled(new SimulatedDisk())
    made.log.install(z(2, 0))
    throws(() => made.log.snapshotFailed(), /snapshot\.200000000: installing failed/)
    throws(() => made.log.endTurn(), /the log has failed/)
  })

  it('takes nothing but an end meanwhile', () => {
    const { log } = filled(new SimulatedDisk())
    log.install(z(2, 0))
    throws(() => append(log, z(1, 5), 1), /middle of an install/)
    throws(() => log.install(z(2, 1)), /middle of an install/)
    throws(() => log.truncate(z(1, 1)), /middle of an install/)
    throws(() => log.reload(), /middle of an install/)
    throws(() => log.saveEpoch('current', 1), /middle of an install/)
  })

  it('forgets what was being purged', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    for (const i of [1, 2, 3, 4]) writeSnapshot(disk, z(1, i), OLD)
    made.log.snapshotSaved(z(1, 4))
    install(made, disk, z(2, 0))
    append(made.log, z(2, 1), 1)
    settle(made)
    ok(!made.recorder.events.includes('purge-failed'))
    deepStrictEqual(started(disk).recorder.recoveredTo, z(2, 1))
  })
})

describe('an install with a crash', () => {
  for (const zxid of TARGETS) {
    it(`leaves the old or the new at any operation (${formatZxid(zxid)})`, () => {
      const operations = everyCrash({
        prepare: (made, disk) => {
          fill(made)
          writeSnapshot(disk, z(1, 2), OLD)
          writeSnapshot(disk, z(1, 3), OLD)
        },
        deed: (made, disk) => install(made, disk, zxid),
        check: (recovered, disk, cutAt) => {
          const { recorder } = recovered
          const state = concat(recorder.body)[0]!
          const last = recorder.recoveredTo!
          if (cutAt === 0) strictEqual(state, NEW)
          // The snapshot at a transaction that our history holds is one of it, too.
          if (state === NEW && recorder.replayed.size === 0) strictEqual(last, zxid)
          else strictEqual(last, z(1, 4))
          ok(!disk.contents('log').has(UNFINISHED_NAME), 'the note is still there')
          goesOn(recovered, disk, last)
          strictEqual(concat(started(disk).recorder.body)[0], state)
        },
      })
      ok(operations > 20, `${operations} operations`)
    })
  }

  it('that is found half done and without its snapshot is refused', () => {
    for (const damaged of [true, false]) {
      const disk = new SimulatedDisk()
      disk.put('log', UNFINISHED_NAME, text('install 0x200000000\n'))
      disk.put('log', 'log.100000004', logFile([transaction(z(1, 4), 9)]))
      const bytes = snapshotFile(Uint8Array.of(NEW))
      bytes[16] = 77
      if (damaged) disk.put('snapshot', 'snapshot.200000000', bytes)
      const before = disk.contents('log')
      throws(() => started(disk), /snapshot\.200000000: .* was to replace all older files/)
      deepStrictEqual(disk.contents('log'), before)
    }
  })

  it('finds a note that says nothing, and refuses it', () => {
    const notes = ['x', '', 'install\n', 'install 5\n', 'install 0x5 log.1\n', 'cut 0x5 synced 9\n']
    notes.push('install 0x1\ncut 0x1\n', 'cut 0x1 log.1 -5\n', 'cut 0x1 log.1 5 6\n', 'bless 0x1\n')
    notes.push('install 0xffffffffffffffffff\n', 'foreign 0x1\nforeign 0x2')
    for (const note of notes) {
      const disk = new SimulatedDisk()
      disk.put('log', UNFINISHED_NAME, text(note))
      throws(() => started(disk), /unfinished: it holds/, JSON.stringify(note))
    }
  })
})

describe('settling', () => {
  it('is answered to both, behind everything asked before', () => {
    const made = filled(new SimulatedDisk())
    append(made.log, z(1, 5), 20)
    made.log.fence()
    deepStrictEqual(made.recorder.taken(), [['synced', '0x100000005'], ['fenced'], ['tree fenced']])
  })

  it('abandons an install: its snapshot goes when it comes', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    made.log.install(z(2, 0))
    made.log.fence()
    deepStrictEqual(made.recorder.taken().slice(1), [['fenced'], ['tree fenced']])
    ok(disk.contents('log').has(UNFINISHED_NAME))
    append(made.log, z(1, 5), 20)
    settle(made)
    writeSnapshot(disk, z(2, 0), NEW)
    made.log.snapshotSaved(z(2, 0))
    deepStrictEqual([...disk.contents('snapshot').keys()], [])
    ok(!disk.contents('log').has(UNFINISHED_NAME))
    deepStrictEqual(made.recorder.taken(), [['synced', '0x100000005']])
  })

  it('counts no snapshot of an abandoned install, wherever it is met', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    for (const i of [1, 2]) writeSnapshot(disk, z(1, i), OLD)
    made.log.install(z(2, 0))
    made.log.fence()
    // It is there, and its saved is still on its way.
    writeSnapshot(disk, z(2, 0), NEW)
    const logs = disk.contents('log').size
    made.log.snapshotSaved(z(1, 2))
    settle(made)
    strictEqual(disk.contents('log').size, logs, 'two snapshots are too few for a purge')
    made.recorder.taken()
    made.log.reload()
    settle(made)
    deepStrictEqual(made.recorder.effects.at(1), ['snapshotBegin', '0x100000002'])
    made.log.truncate(z(1, 3))
    deepStrictEqual(made.recorder.effects.at(-1), ['truncated', '0x100000003'])
    made.log.snapshotSaved(z(2, 0))
    ok(!disk.contents('log').has(UNFINISHED_NAME))
  })

  it('and the next install of the same zxid take each other for one', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    made.log.install(z(2, 0))
    made.log.fence()
    made.log.install(z(2, 0))
    writeSnapshot(disk, z(2, 0), NEW)
    made.recorder.taken()
    made.log.snapshotSaved(z(2, 0))
    deepStrictEqual(made.recorder.taken(), [['installed']])
    writeSnapshot(disk, z(2, 0), NEW)
    made.log.snapshotSaved(z(2, 0))
    deepStrictEqual([...disk.contents('snapshot').keys()], [snapshotNamed(z(2, 0))])
  })

  it('of two installs of the same zxid has both files removed', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    made.log.install(z(2, 0))
    made.log.fence()
    writeSnapshot(disk, z(2, 0), NEW)
    // The word of the first file has not come yet.
    made.log.install(z(2, 0))
    made.log.fence()
    made.log.snapshotSaved(z(2, 0))
    ok(disk.contents('log').has(UNFINISHED_NAME))
    writeSnapshot(disk, z(2, 0), NEW)
    made.log.snapshotSaved(z(2, 0))
    deepStrictEqual([...disk.contents('snapshot').keys()], [])
    ok(!disk.contents('log').has(UNFINISHED_NAME))
  })

  it('keeps a snapshot that was ours before, though an install at it is abandoned', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    writeSnapshot(disk, z(1, 2), OLD)
    made.log.install(z(1, 2))
    made.log.fence()
    writeSnapshot(disk, z(1, 2), NEW)
    made.log.snapshotSaved(z(1, 2))
    deepStrictEqual([...disk.contents('snapshot').keys()], [snapshotNamed(z(1, 2))])
    strictEqual(started(disk).recorder.recoveredTo, z(1, 4))
  })

  it('leaves the old history at any crash', () => {
    const operations = everyCrash({
      prepare: (made, disk) => {
        fill(made)
        writeSnapshot(disk, z(1, 2), OLD)
      },
      deed: (made, disk) => {
        made.log.install(z(2, 0))
        made.log.fence()
        writeSnapshot(disk, z(2, 0), NEW)
        append(made.log, z(1, 5), 600)
        settle(made)
        made.log.snapshotSaved(z(2, 0))
      },
      check: (recovered, disk, cutAt) => {
        const { recorder } = recovered
        if (cutAt === 0) strictEqual(recorder.recoveredTo, z(1, 5))
        ok(recorder.recoveredTo === z(1, 4) || recorder.recoveredTo === z(1, 5))
        strictEqual(concat(recorder.body)[0], OLD)
        deepStrictEqual([...disk.contents('snapshot').keys()], [snapshotNamed(z(1, 2))])
        ok(!disk.contents('log').has(UNFINISHED_NAME))
        goesOn(recovered, disk, recorder.recoveredTo!)
      },
    })
    ok(operations > 15, `${operations} operations`)
  })

  it('waits for a load under way', () => {
    const made = filled(new SimulatedDisk())
    made.log.reload()
    made.log.fence()
    deepStrictEqual(made.recorder.taken(), [['loading']])
    settle(made)
    deepStrictEqual(made.recorder.taken().slice(-3), [
      ['recovered', '0x100000004'],
      ['fenced'],
      ['tree fenced'],
    ])
  })

  it('bounds what it remembers', () => {
    const made = filled(new SimulatedDisk())
    throws(() => {
      for (let i = 0; i < 1000; i++) {
        made.log.install(z(5, i))
        made.log.fence()
      }
    }, /too many snapshots of abandoned installs/)
  })
})

describe('a reload', () => {
  it('tells the tree what is on disk, with what was appended just before, and goes on', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    append(made.log, z(1, 5), 20)
    made.log.reload()
    deepStrictEqual(made.recorder.taken(), [['synced', '0x100000005'], ['loading']])
    throws(() => append(made.log, z(1, 6), 20), /not recovered yet/)
    settle(made)
    deepStrictEqual(
      made.recorder.taken().map(([kind]) => kind),
      ['replay', 'replay', 'replay', 'replay', 'replay', 'recovered'],
    )
    append(made.log, z(2, 1), 20)
    settle(made)
    strictEqual(started(disk).recorder.recoveredTo, z(2, 1))
  })

  it('leaves what is being written beside it alone', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    disk.put('snapshot', 'writing.snapshot.100000002', Uint8Array.of(1))
    made.log.reload()
    made.log.endTurn()
    writeSnapshot(disk, z(1, 1), OLD)
    made.log.snapshotSaved(z(1, 1))
    settle(made)
    ok(disk.contents('snapshot').has('writing.snapshot.100000002'))
    strictEqual(made.recorder.recoveredTo, z(1, 4))
  })

  it('loses nothing at any crash', () => {
    const operations = everyCrash({
      prepare: fill,
      deed: (made) => {
        made.log.reload()
        settle(made)
        append(made.log, z(2, 1), 600)
        settle(made)
      },
      check: (recovered, disk, cutAt) => {
        const last = recovered.recorder.recoveredTo!
        ok(last === z(2, 1) || (cutAt > 0 && last === z(1, 4)), formatZxid(last))
        goesOn(recovered, disk, last)
      },
    })
    ok(operations > 15, `${operations} operations`)
  })
})

function filled(disk: SimulatedDisk): Bench {
  const made = bench(disk)
  settle(made)
  fill(made)
  return made
}

function fill(made: Bench): void {
  for (let i = 1; i <= 4; i++) append(made.log, z(1, i), 200)
  settle(made)
  made.recorder.taken()
}

function install(made: Bench, disk: SimulatedDisk, zxid: Zxid): void {
  made.log.install(zxid)
  writeSnapshot(disk, zxid, NEW)
  made.log.snapshotSaved(zxid)
}

function goesOn(made: Bench, disk: SimulatedDisk, last: Zxid): void {
  append(made.log, z(9, 1), 30)
  settle(made)
  const again = started(disk)
  strictEqual(again.recorder.recoveredTo, z(9, 1), `after ${formatZxid(last)}`)
}

function snapshotNamed(zxid: Zxid): string {
  return `snapshot.${zxid.toString(16)}`
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content)
}
