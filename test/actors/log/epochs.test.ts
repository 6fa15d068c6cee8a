// The files acceptedEpoch and currentEpoch.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert'
import { describe, it } from 'node:test'
import { DamagedError } from '../../../actors/log/files/errors.ts'
import type { Folder, OpenFile } from '../../../actors/log/files/files.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import { append, bench, logFile, settle, started, transaction, z } from './bench.ts'
import { everyCrash } from './crashes.ts'

const MEMBER = { ensemble: true }
/** The second line of a currentEpoch. */
const SEAL_OF_7 = 'ringkeeper adler32 2b00054a'

/** Knows how many files are open. */
class CountingDisk extends SimulatedDisk {
  openCount = 0

  override open(folder: Folder, name: string, mode: 'read' | 'write'): OpenFile {
    const file = super.open(folder, name, mode)
    this.openCount++
    return {
      ...file,
      close: () => {
        this.openCount--
        file.close()
      },
    }
  }
}

describe('epoch files', () => {
  it('are derived from the last transaction where they are missing, and written', () => {
    const disk = atEpoch(7, {})
    deepStrictEqual(started(disk, MEMBER).recorder.taken(), [
      ['replay', '0x700000001'],
      ['epochs', '7/7'],
      ['recovered', '0x700000001'],
    ])
    deepStrictEqual(epochsIn(disk), { acceptedEpoch: '7', currentEpoch: '7' })
  })

  it('are told once, before the tree is done, and not again after a reload', () => {
    const disk = atEpoch(7, { acceptedEpoch: '9', currentEpoch: '8' })
    const made = started(disk, MEMBER)
    deepStrictEqual(made.recorder.taken().slice(1), [
      ['epochs', '9/8'],
      ['recovered', '0x700000001'],
    ])
    made.log.reload()
    settle(made)
    deepStrictEqual(made.recorder.taken(), [
      ['loading'],
      ['replay', '0x700000001'],
      ['recovered', '0x700000001'],
    ])
  })

  it('of a learner cut off while it was brought up to date are no damage', () => {
    const disk = atEpoch(7, { acceptedEpoch: '7', currentEpoch: '6', 'currentEpoch.tmp': '7' })
    deepStrictEqual(started(disk, MEMBER).recorder.effects[1], ['epochs', '7/6'])
  })

  it('have a line that ZooKeeper reads, and one that tells what was written from what has changed', () => {
    const disk = new SimulatedDisk()
    started(disk, MEMBER).log.saveEpoch('current', 7)
    const text = Buffer.from(disk.contents('snapshot').get('currentEpoch')!).toString()
    strictEqual(text, `7\n${SEAL_OF_7}\n`)
    const again = atEpoch(7, { acceptedEpoch: '9', currentEpoch: text })
    deepStrictEqual(started(again, MEMBER).recorder.effects[1], ['epochs', '9/7'])
  })

  it('may end with a newline, as an editor leaves them', () => {
    const disk = atEpoch(1, { acceptedEpoch: '12\n', currentEpoch: '3\r\nrest' })
    deepStrictEqual(started(disk, MEMBER).recorder.effects[1], ['epochs', '12/3'])
  })

  for (const [files, problem] of [
    [{ acceptedEpoch: '4', currentEpoch: '5' }, /acceptedEpoch is 4, less than 5 of currentEpoch/],
    [{ currentEpoch: '9' }, /acceptedEpoch is 7 \(missing.*less than 9 of currentEpoch/],
    [{ acceptedEpoch: '6' }, /acceptedEpoch is 6, less than 7 of currentEpoch \(missing/],
    [{ acceptedEpoch: '', currentEpoch: '5' }, /acceptedEpoch: it holds ''/],
    [{ acceptedEpoch: '8', currentEpoch: '-1' }, /currentEpoch: it holds '-1'/],
    [{ acceptedEpoch: '0x8', currentEpoch: '1' }, /acceptedEpoch: it holds '0x8'/],
    [
      { acceptedEpoch: '2097152', currentEpoch: '1' },
      /acceptedEpoch: it holds 2097152, and the last .* Stop every server .* a currentEpoch/,
    ],
    [
      { acceptedEpoch: '2097152', currentEpoch: '2097151' },
      /currentEpoch: it holds 2097151, .* new ensemble/,
    ],
    [{ acceptedEpoch: '9'.repeat(500), currentEpoch: '1' }, /acceptedEpoch: it holds '9999/],
    [
      { acceptedEpoch: '9', currentEpoch: `8\n${SEAL_OF_7}\n` },
      /currentEpoch: it holds 8, and the checksum behind it is not that of this number/,
    ],
    [{ acceptedEpoch: `7\n${SEAL_OF_7}\n`, currentEpoch: '7' }, /acceptedEpoch: .* checksum/],
  ] as [Record<string, string>, RegExp][]) {
    it(`refuses ${JSON.stringify(files).slice(0, 60)} and changes nothing`, () => {
      const disk = atEpoch(7, files)
      throws(
        () => started(disk, MEMBER),
        (error) => error instanceof DamagedError && problem.test(error.message),
      )
      deepStrictEqual(textsIn(disk), files)
    })
  }

  it('are nothing to a standalone server, whatever they hold', () => {
    const files = { acceptedEpoch: '4', currentEpoch: 'rubbish' }
    const disk = atEpoch(7, files)
    deepStrictEqual(started(disk).recorder.effects, [
      ['replay', '0x700000001'],
      ['recovered', '0x700000001'],
    ])
    deepStrictEqual(epochsIn(disk), files)
    const empty = atEpoch(7, {})
    started(empty)
    deepStrictEqual(epochsIn(empty), {})
  })
})

describe('saving an epoch', () => {
  it('comes after everything appended before, and is answered', () => {
    const disk = new SimulatedDisk()
    const made = started(disk, MEMBER)
    made.recorder.taken()
    append(made.log, z(3, 1), 20)
    made.log.saveEpoch('accepted', 4)
    made.log.saveEpoch('current', 3)
    deepStrictEqual(made.recorder.taken(), [
      ['synced', '0x300000001'],
      ['epochSaved', 'accepted'],
      ['epochSaved', 'current'],
    ])
    deepStrictEqual(epochsIn(disk), { acceptedEpoch: '4', currentEpoch: '3' })
  })

  it('frees the files that it replaced when there is time', () => {
    const disk = new CountingDisk()
    const { log, recorder } = started(disk, MEMBER)
    log.saveEpoch('accepted', 4)
    const open = disk.openCount
    log.saveEpoch('accepted', 5)
    log.saveEpoch('accepted', 6)
    deepStrictEqual(recorder.taken().slice(-1), [['epochSaved', 'accepted']])
    strictEqual(disk.openCount, open + 2)
    ok(log.nextTickMs() < Infinity)
    log.tick()
    ok(disk.openCount < open)
    strictEqual(log.nextTickMs(), Infinity)
    strictEqual(epochsIn(disk)['acceptedEpoch'], '6')
  })

  it('leaves the old one or the new one at any crash, never without its history', () => {
    const operations = everyCrash({
      options: MEMBER,
      prepare: (made) => {
        append(made.log, z(1, 1), 900)
        settle(made)
        made.log.saveEpoch('accepted', 2)
        made.log.saveEpoch('current', 1)
      },
      deed: ({ log }) => {
        append(log, z(2, 1), 900)
        log.saveEpoch('current', 2)
      },
      check: ({ recorder }, _disk, cutAt) => {
        const epochs = recorder.effects.find(([kind]) => kind === 'epochs')?.[1]
        if (cutAt === 0) strictEqual(epochs, '2/2')
        ok(epochs === '2/1' || epochs === '2/2', epochs)
        if (epochs === '2/2') strictEqual(recorder.recoveredTo, z(2, 1))
        ok(recorder.recoveredTo === z(2, 1) || recorder.recoveredTo === z(1, 1))
      },
    })
    ok(operations > 6, `${operations} operations`)
  })

  it('that fails is fatal', () => {
    for (let operation = 1; operation <= 6; operation++) {
      const disk = new SimulatedDisk()
      const made = started(disk, MEMBER)
      disk.failAt(operation, 'ENOSPC')
      throws(() => made.log.saveEpoch('accepted', 4), /saving an epoch failed: ENOSPC/)
      throws(() => made.log.endTurn(), /the log has failed/)
      ok(!made.recorder.effects.some(([kind]) => kind === 'epochSaved'))
    }
  })

  it('the first time is survived at any crash', () => {
    for (let cutAt = 1; cutAt < 40; cutAt++) {
      const disk = new SimulatedDisk()
      disk.cutPowerAt(cutAt)
      try {
        settle(bench(disk, MEMBER))
      } catch {
        ok(disk.dark)
      }
      disk.crash((bound) => cutAt % bound)
      deepStrictEqual(started(disk, MEMBER).recorder.effects, [
        ['epochs', '0/0'],
        ['recovered', '0x0'],
      ])
    }
  })
})

function atEpoch(epoch: number, files: Record<string, string>): SimulatedDisk {
  const disk = new SimulatedDisk()
  disk.put('log', 'log.0', logFile([]))
  disk.put('log', `log.${epoch}00000001`, logFile([transaction(z(epoch, 1), 5)]))
  for (const [name, text] of Object.entries(files)) disk.put('snapshot', name, Buffer.from(text))
  return disk
}

/** The first lines, which ZooKeeper reads. */
function epochsIn(disk: SimulatedDisk): Record<string, string> {
  const texts = Object.entries(textsIn(disk))
  return Object.fromEntries(texts.map(([name, text]) => [name, text.split('\n')[0]!]))
}

function textsIn(disk: SimulatedDisk): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, bytes] of disk.contents('snapshot')) {
    if (name.includes('Epoch')) found[name] = Buffer.from(bytes).toString()
  }
  return found
}
