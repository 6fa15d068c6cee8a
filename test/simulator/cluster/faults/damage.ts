// Disks that betray their members in silence: what was synced is changed or gone. A member is down when
// it strikes, and finds out when it starts. Never so many at once that those without damage are no
// quorum; observers always.
//
// What a start cannot notice is left out: the end of a log that the synced mark does not know of (it is
// some ms old, or was lost with the power: what is hit has been at rest), one folder of two as it was. A
// disk restored as a whole is noticed by nobody either; whoever restores it makes the file `damaged`,
// as docs/data.md says.

import { DAMAGED_NAME } from '../../../../actors/log/files/damaged-note.ts'
import { epochBytes } from '../../../../actors/log/files/epoch-files.ts'
import { logName, sortedSnapshots } from '../../../../actors/log/files/file-names.ts'
import type { Folder } from '../../../../actors/log/files/files.ts'
import { HEADER_BYTES } from '../../../../actors/log/files/segment.ts'
import { type FileEnd, readMark } from '../../../../actors/log/files/synced-mark.ts'
import type { Membership } from '../../../../actors/membership.ts'
import type { Dice } from '../../world/dice.ts'
import type { SimulatedDisk } from '../../world/disk.ts'
import type { EventLog } from '../../world/event-log.ts'
import type { Cluster } from '../cluster.ts'

const KINDS = [
  'rot',
  'blank',
  'misdirected',
  'cut',
  'no log',
  'snapshot rot',
  'no snapshot',
  'epoch rot',
  'older epoch',
  'no epoch',
  'restored',
] as const
type Kind = (typeof KINDS)[number]

type Image = readonly (readonly [Folder, ReadonlyMap<string, Uint8Array>])[]

const FOLDERS: readonly Folder[] = ['log', 'snapshot']

export class Damage {
  /** That members found, and that had struck. */
  strikes = 0
  readonly #cluster: Cluster
  readonly #membership: Membership
  readonly #dice: Dice
  readonly #events: EventLog
  /** How many starts there had been when it struck. */
  readonly #struck: Map<number, number> = new Map()
  readonly #images: Map<number, Image> = new Map()

  constructor(cluster: Cluster, membership: Membership, dice: Dice, events: EventLog) {
    this.#cluster = cluster
    this.#membership = membership
    this.#dice = dice
    this.#events = events
  }

  /** Strikes now and then. */
  begin(everyMs: number, endMs: number): void {
    const { agenda } = this.#cluster
    agenda.after(1 + this.#dice.below(2 * everyMs), () => {
      if (agenda.nowMs >= endMs) return
      const id = this.#dice.pick(this.#cluster.ids)
      if (this.#dice.oneIn(3)) this.#images.set(id, imageOf(this.#cluster.disk(id)))
      else if (this.#maySpare(id)) this.#strike(id, this.#dice.pick(KINDS))
      this.begin(everyMs, endMs)
    })
  }

  /** Whether these are a quorum without those that are damaged. */
  isSpared(ids: readonly number[]): boolean {
    this.#forget()
    return this.#membership.isQuorum(ids.filter((id) => !this.#struck.has(id)))
  }

  #maySpare(id: number): boolean {
    if (!this.#membership.isVoter(id)) return true
    return this.isSpared(this.#cluster.ids.filter((other) => other !== id))
  }

  /** Whoever has found out and made up for it, or has not been hit where it hurts. */
  #forget(): void {
    for (const [id, starts] of this.#struck) {
      const member = this.#cluster.member(id)
      const isDone =
        member !== null && this.#cluster.starts > starts && member.zab.role !== 'loading'
      if (isDone && !this.#cluster.disk(id).contents('log').has(DAMAGED_NAME))
        this.#struck.delete(id)
    }
  }

  #strike(id: number, kind: Kind): void {
    this.#cluster.kill(id, 'kill')
    const disk = this.#cluster.disk(id)
    // A fault may be set for the next start.
    disk.kill()
    for (const [folder, files] of imageOf(disk)) {
      for (const [name, bytes] of files) disk.put(folder, name, bytes)
    }
    const what = this.#harm(id, kind)
    if (what === null) return
    this.#struck.set(id, this.#cluster.starts)
    this.strikes++
    this.#events.add(`${this.#cluster.agenda.nowMs} damage of s${id}: ${kind}, ${what}`)
  }

  /** What was hit; null where there is nothing to hit. */
  #harm(id: number, kind: Kind): string | null {
    const disk = this.#cluster.disk(id)
    switch (kind) {
      case 'rot':
      case 'blank':
      case 'misdirected':
      case 'cut':
      case 'no log':
        return this.#harmLog(disk, kind)
      case 'snapshot rot':
      case 'no snapshot':
        return this.#harmSnapshot(disk, kind)
      case 'epoch rot':
      case 'older epoch':
      case 'no epoch':
        return this.#harmEpoch(disk, kind)
      case 'restored':
        return this.#restore(id, disk)
    }
  }

  #harmLog(disk: SimulatedDisk, kind: Kind): string | null {
    const ends = readMark(disk).ends.filter(({ offset }) => offset > HEADER_BYTES)
    if (ends.length === 0) return null
    const end = this.#dice.pick(ends)
    const name = logName(end.zxid)
    const bytes = disk.contents('log').get(name)
    if (bytes === undefined) return null
    if (kind === 'no log') {
      erase(disk, 'log', name)
      return name
    }
    const from = this.#place(end)
    const to = Math.min(end.offset, from + 1 + this.#dice.below(200))
    if (kind === 'rot') bytes[from]! ^= 1 << this.#dice.below(8)
    else if (kind === 'blank') bytes.fill(0, from, to)
    else if (kind === 'misdirected') bytes.copyWithin(this.#place(end), from, to)
    disk.put('log', name, kind === 'cut' ? bytes.subarray(0, from) : bytes)
    return `${name} from ${from}`
  }

  /** In what was synced, near its end more often. */
  #place({ offset }: FileEnd): number {
    if (this.#dice.oneIn(2)) return this.#dice.below(offset)
    return offset - 1 - this.#dice.below(Math.min(offset, 300))
  }

  #harmSnapshot(disk: SimulatedDisk, kind: Kind): string | null {
    const files = disk.contents('snapshot')
    const [newest] = sortedSnapshots([...files.keys()])
    if (newest === undefined) return null
    if (kind === 'no snapshot') {
      erase(disk, 'snapshot', newest.name)
    } else {
      const bytes = files.get(newest.name)!
      bytes[this.#dice.below(bytes.length)]! ^= 1 << this.#dice.below(8)
      disk.put('snapshot', newest.name, bytes)
    }
    return newest.name
  }

  #harmEpoch(disk: SimulatedDisk, kind: Kind): string | null {
    const which = this.#dice.pick(['accepted', 'current'] as const)
    const name = `${which}Epoch`
    const bytes = disk.contents('snapshot').get(name)
    const known = readMark(disk)[which]
    if (bytes === undefined || known < 1) return null
    if (kind === 'no epoch') erase(disk, 'snapshot', name)
    else if (kind === 'older epoch') disk.put('snapshot', name, epochBytes(which, known - 1))
    else
      disk.put('snapshot', name, known % 2 === 0 ? bytes.map((byte) => byte | 0x80) : grown(bytes))
    return name
  }

  /** As it was, and its operator knows. */
  #restore(id: number, disk: SimulatedDisk): string | null {
    const image = this.#images.get(id)
    if (image === undefined) return null
    for (const [folder, files] of image) {
      for (const name of disk.contents(folder).keys()) erase(disk, folder, name)
      for (const [name, bytes] of files) disk.put(folder, name, bytes)
    }
    disk.put('log', DAMAGED_NAME, new Uint8Array(0))
    return 'the whole disk'
  }
}

/** The number in its first line is ten times and more what it was; what follows is as it was. */
function grown(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from('1'), bytes])
}

function imageOf(disk: SimulatedDisk): Image {
  return FOLDERS.map((folder) => [folder, disk.contents(folder)] as const)
}

function erase(disk: SimulatedDisk, folder: Folder, name: string): void {
  disk.remove(folder, name)
  disk.syncFolder(folder)
}
