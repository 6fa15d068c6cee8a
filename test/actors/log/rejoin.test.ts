// A member of an ensemble whose disk has lost what it acknowledged: it holds nothing, says so, remembers
// it, and leaves the files as they are until another history has replaced them.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert'
import { describe, it } from 'node:test'
import { LossError } from '../../../actors/log/files/errors.ts'
import type { LogOptions } from '../../../actors/log/options.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import { append, type bench, later, settle, started, writeSnapshot, z } from './bench.ts'

const MEMBER: Partial<LogOptions> = { ensemble: true, rejoins: true, preAllocSizeBytes: 0 }
const LOG = 'log.300000001'

describe('a member that has lost what it acknowledged', () => {
  it('says so before it says that it has loaded, and holds nothing', () => {
    const { recorder } = started(damaged(), MEMBER)
    deepStrictEqual(recorder.effects.slice(-4), [
      ['loading'],
      ['epochs', '4/3'],
      ['damaged'],
      ['recovered', '0x0'],
    ])
    ok(recorder.events.includes('damaged'))
    match(recorder.eventFields, /log\.300000001 at offset 154: damaged/)
  })

  it('leaves its files, and remembers over restarts what was wrong, though it be healed', () => {
    const disk = damaged()
    const before = disk.contents('log').get(LOG)
    started(disk, MEMBER)
    deepStrictEqual(disk.contents('log').get(LOG), before)
    disk.put('log', LOG, sound().contents('log').get(LOG)!)
    const { recorder } = started(disk, MEMBER)
    ok(recorder.effects.some(([kind]) => kind === 'damaged'))
    match(recorder.eventFields, /log\.300000001 at offset 154: damaged/)
  })

  it('counts again when it is told to, with the history that it was given', () => {
    const disk = damaged()
    const made = started(disk, MEMBER)
    made.log.install(z(3, 9))
    writeSnapshot(disk, z(3, 9), 1)
    made.log.snapshotSaved(z(3, 9))
    append(made.log, z(5, 1), 20)
    made.log.saveEpoch('accepted', 5)
    made.log.saveEpoch('current', 5)
    const early = started(disk, MEMBER)
    deepStrictEqual(early.recorder.effects.at(-1), ['recovered', '0x0'])
    made.log.whole()
    const { recorder } = started(disk, MEMBER)
    deepStrictEqual(recorder.effects.slice(-2), [
      ['epochs', '5/5'],
      ['recovered', '0x500000001'],
    ])
    ok(!disk.contents('log').has(LOG))
  })

  it('is damaged or whole at any crash, never something between', () => {
    let whole = 0
    for (let cutAt = 1; whole === 0; cutAt++) {
      const disk = damaged()
      disk.cutPowerAt(cutAt)
      try {
        const made = started(disk, MEMBER)
        made.log.install(z(3, 9))
        writeSnapshot(disk, z(3, 9), 1)
        made.log.snapshotSaved(z(3, 9))
        made.log.saveEpoch('accepted', 5)
        made.log.saveEpoch('current', 5)
        made.log.whole()
        settle(made)
        whole++
      } catch {
        ok(disk.dark)
      }
      disk.crash((bound) => cutAt % bound)
      const { recorder } = started(disk, MEMBER)
      const isDamaged = recorder.effects.some(([kind]) => kind === 'damaged')
      strictEqual(recorder.recoveredTo, isDamaged ? 0 : z(3, 9), `cut at ${cutAt}`)
      ok(isDamaged || cutAt > 30, `whole when cut at ${cutAt}`)
    }
  })

  it('finds damage on a reload as well', () => {
    const disk = sound()
    const made = started(disk, MEMBER)
    disk.put('log', LOG, damaged().contents('log').get(LOG)!)
    made.log.reload()
    settle(made)
    deepStrictEqual(made.recorder.effects.slice(-2), [['damaged'], ['recovered', '0x0']])
  })

  it('stops as a server on its own does when the others are no quorum', () => {
    throws(() => started(damaged(), { ...MEMBER, rejoins: false }), LossError)
    const noted = damaged()
    started(noted, MEMBER)
    throws(() => started(noted, { ...MEMBER, rejoins: false }), /damaged: it says: log\.3/)
    throws(() => started(noted), LossError)
  })

  it('is made one by hand, with an empty file', () => {
    const disk = sound()
    disk.put('log', 'damaged', new Uint8Array(0))
    ok(started(disk, MEMBER).recorder.effects.some(([kind]) => kind === 'damaged'))
  })

  it('goes on without it when its operator says so, of this loss', () => {
    const disk = damaged()
    started(disk, MEMBER)
    disk.put('log', 'accept-loss', Buffer.from('log.300000001 16'))
    ok(started(disk, MEMBER).recorder.effects.some(([kind]) => kind === 'damaged'))
    disk.put('log', 'accept-loss', Buffer.from('log.300000001 154'))
    strictEqual(started(disk, MEMBER).recorder.recoveredTo, z(3, 2))
    deepStrictEqual([...disk.contents('log').keys()].sort(), ['log.0', LOG, 'synced-mark'])
    strictEqual(started(disk, MEMBER).recorder.recoveredTo, z(3, 2))
    const sane = sound()
    sane.put('log', 'damaged', new Uint8Array(0))
    sane.put('log', 'accept-loss', Buffer.from('log.300000001 154'))
    ok(started(sane, MEMBER).recorder.effects.some(([kind]) => kind === 'damaged'))
    sane.put('log', 'accept-loss', Buffer.from('damaged'))
    strictEqual(started(sane, MEMBER).recorder.recoveredTo, z(3, 4))
  })
})

describe('what else is a loss of a member', () => {
  const cases: Record<string, (disk: SimulatedDisk) => void> = {
    'a promise that is no number': (disk) => write(disk, 'acceptedEpoch', 'x4'),
    'a promise cut short': (disk) => write(disk, 'acceptedEpoch', ''),
    'an epoch that is no number': (disk) => write(disk, 'currentEpoch', '\0'),
    'a promise that is missing': (disk) => remove(disk, 'acceptedEpoch'),
    'an epoch that is missing': (disk) => remove(disk, 'currentEpoch'),
    'a promise older than it was': (disk) => write(disk, 'acceptedEpoch', '3'),
    'a promise behind the log (1653)': (disk) => {
      write(disk, 'acceptedEpoch', '2')
      write(disk, 'currentEpoch', '2')
      disk.remove('log', 'synced-mark')
    },
    'an epoch older than it was': (disk) => write(disk, 'currentEpoch', '2'),
    'a note that says nothing': (disk) => disk.put('log', 'unfinished', Buffer.from('what\n')),
    'an install without its snapshot': (disk) =>
      disk.put('log', 'unfinished', Buffer.from('install 0x300000009\n')),
    'a damaged snapshot whose log was purged': (disk) => {
      const bytes = Buffer.alloc(60)
      bytes.write('ZKSN')
      bytes.writeInt32BE(1, 55)
      bytes[59] = 0x2f
      disk.put('snapshot', 'snapshot.300000009', bytes)
    },
    'logs that do not reach back, and no snapshot': (disk) => disk.remove('log', 'log.0'),
  }
  for (const [name, harm] of Object.entries(cases)) {
    it(name, () => {
      const disk = sound()
      harm(disk)
      const { recorder } = started(disk, MEMBER)
      ok(recorder.effects.some(([kind]) => kind === 'damaged'))
      deepStrictEqual(
        recorder.effects.find(([kind]) => kind === 'epochs'),
        ['epochs', name.includes('1653') ? '3/2' : '4/3'],
      )
      throws(() => started(harmed(harm), { ...MEMBER, rejoins: false }), LossError)
    })
  }

  it('is replaced with all the rest: a promise as well', () => {
    const disk = sound()
    write(disk, 'acceptedEpoch', 'x')
    const made = started(disk, MEMBER)
    made.log.install(z(3, 9))
    writeSnapshot(disk, z(3, 9), 1)
    made.log.snapshotSaved(z(3, 9))
    made.log.saveEpoch('accepted', 4)
    made.log.whole()
    strictEqual(started(disk, MEMBER).recorder.recoveredTo, z(3, 9))
  })
})

/** Four transactions of epoch 3, which is current; 4 is promised; the mark knows, and all is durable. */
function sound(): SimulatedDisk {
  const disk = new SimulatedDisk()
  const made = started(disk, MEMBER)
  made.log.saveEpoch('accepted', 4)
  made.log.saveEpoch('current', 3)
  for (let i = 1; i <= 4; i++) append(made.log, z(3, i), 20)
  settle(made)
  later(made)
  for (const folder of ['log', 'snapshot'] as const) {
    for (const [name, bytes] of disk.contents(folder)) disk.put(folder, name, bytes)
  }
  return disk
}

function damaged(): SimulatedDisk {
  return harmed((disk) => {
    const bytes = disk.contents('log').get(LOG)!
    bytes[16 + 2 * 69 + 40]! ^= 1
    disk.put('log', LOG, bytes)
  })
}

function harmed(harm: (disk: SimulatedDisk) => void): SimulatedDisk {
  const disk = sound()
  harm(disk)
  return disk
}

function write(disk: SimulatedDisk, name: string, text: string): void {
  disk.put('snapshot', name, Buffer.from(text))
}

function remove(disk: SimulatedDisk, name: string): void {
  disk.remove('snapshot', name)
  disk.syncFolder('snapshot')
}

function match(fields: ReturnType<typeof bench>['recorder']['eventFields'], text: RegExp): void {
  ok(
    fields.some(({ why }) => text.test(String(why))),
    JSON.stringify(fields),
  )
}
