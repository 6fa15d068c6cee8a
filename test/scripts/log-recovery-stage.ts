// What a start makes of the disk it finds: log-recovery/*.txt.
//
//   member | rejoins          of an ensemble from now on; the others of it are a quorum
//   start                     a process starts on what the disk holds, and loads it
//   append E:C ...            transactions reach the log, which makes them durable
//   receive E:C ...           the same, and the log has no turn
//   later                     time enough for what the log does on the side
//   saved E:C                 a snapshot of this is on the disk, and the log is told
//   promise accepted|current N
//   cut E:C                   everything behind it is to go
//   stop                      an orderly end
//   kill                      the process is gone, the machine is not
//   power-cut                 what was not synced is gone
//   shorten FILE BYTES        so much is missing at the file's end
//   flip FILE OFFSET          a byte has rotted
//   lose FILE                 the file is missing
//   files                     what there is, with sizes

import type { Folder } from '../../actors/log/files/files.ts'
import type { LogOptions } from '../../actors/log/options.ts'
import type { EpochFile } from '../../protocol/messages/log.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import { append, type Bench, bench, later, settle, writeSnapshot, z } from '../actors/log/bench.ts'
import { SimulatedDisk } from '../simulator/world/disk.ts'
import type { Stage } from '../support/script.ts'

const EXTRA_BYTES = 51
/** Of an entry with them. */
const TIMES_LATER = 10

export function logStage(): Stage {
  const disk = new SimulatedDisk()
  let options: Partial<LogOptions> = { preAllocSizeBytes: 0 }
  let made: Bench | null = null
  const turn = (): string[] => {
    if (made === null) throw new Error('nobody has started')
    try {
      settle(made)
    } catch (error) {
      const said = told(made)
      made = null
      return [...said, `stops: ${(error as Error).message}`]
    }
    return told(made)
  }
  return ({ name: command, words }) => {
    const [first = '', second = ''] = words
    switch (command) {
      case 'member':
      case 'rejoins':
        options = { ...options, ensemble: true, rejoins: command === 'rejoins' }
        return []
      case 'start':
        made = bench(disk, options)
        return turn()
      case 'append':
        for (const word of words) append(made!.log, zxid(word), EXTRA_BYTES)
        return turn()
      case 'receive':
        for (const word of words) append(made!.log, zxid(word), EXTRA_BYTES)
        return []
      case 'later':
        for (let i = 0; i < TIMES_LATER; i++) {
          later(made!)
          settle(made!)
        }
        return told(made!)
      case 'saved':
        writeSnapshot(disk, zxid(first), 0)
        made!.log.snapshotSaved(zxid(first))
        return turn()
      case 'promise':
        made!.log.saveEpoch(first as EpochFile, Number(second))
        return turn()
      case 'cut':
        made!.log.truncate(zxid(first))
        return turn()
      case 'stop':
        made!.log.shutdown()
        made = null
        return []
      case 'kill':
        made = null
        disk.kill()
        return []
      case 'power-cut':
        made = null
        disk.crash(() => 0)
        return []
      case 'files':
        return files(disk)
    }
    return [harm(disk, command, first, Number(second))].flat()
  }
}

/** Effects, and what was said in the server's log. */
function told({ recorder }: Bench): string[] {
  const events = recorder.events.splice(0).map((event, i) => {
    const fields = Object.entries(recorder.eventFields[i]!).map(([key, value]) => `${key} ${value}`)
    return [`log: ${event}`, ...fields].join(', ')
  })
  recorder.eventFields.length = 0
  return [...events, ...recorder.taken().map((effect) => effect.join(' '))]
}

function harm(disk: SimulatedDisk, command: string, name: string, at: number): string[] {
  const folder: Folder = name.startsWith('snapshot') ? 'snapshot' : 'log'
  const bytes = disk.contents(folder).get(name)
  if (bytes === undefined) throw new Error(`there is no ${name} to ${command}`)
  switch (command) {
    case 'shorten':
      disk.put(folder, name, bytes.slice(0, bytes.length - at))
      return []
    case 'flip':
      bytes[at]! ^= 1
      disk.put(folder, name, bytes)
      return []
    case 'lose':
      disk.remove(folder, name)
      disk.syncFolder(folder)
      return []
    default:
      throw new Error(`no such command: ${command}`)
  }
}

function files(disk: SimulatedDisk): string[] {
  const folders: readonly Folder[] = ['log', 'snapshot']
  return folders.flatMap((folder) => {
    return [...disk.contents(folder)].map(([name, { length }]) => `${name} ${length}`).sort()
  })
}

function zxid(word: string): Zxid {
  const [epoch, counter] = word.split(':')
  return z(Number(epoch), Number(counter))
}
