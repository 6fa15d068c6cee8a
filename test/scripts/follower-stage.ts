// Scripts about a learner by itself: server 1 of the voters 1, 2 and 3, or observer 9, which has been
// told that server 3 leads. A tick is 100 ms, initLimit 10, syncLimit 5. Its link is `71`.
//
//   follower [id=1] [history=4.5-4.7] [committed=4.6] [before=4.4] [epochs=4/4] [memory=BYTES] [damaged]
//   open               close
//   hear PACKET ZXID ...
//   piece              signature           of the snapshot behind SNAP
//   saved accepted|current                 synced ZXID
//   cut ZXID           the log ends there now
//   loaded ZXID        installed
//   read               entries ZXIDS       of what the log reads back
//   touched SESSIONS   from its session manager
//   pulse on|off       of the leader
//   wait MS            ticks when they are due
//   touch              as of when it is in touch
//   describe

import { Follower } from '../../actors/zab/follower/follower.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { Recorder, transaction, z } from '../actors/zab/ensemble-recorder.ts'
import type { Command, Stage } from '../support/script.ts'
import { effectsOf, numberOf, packetOf, touchText, zxidsOfWord } from './zab-words.ts'

const LEADER = 3
const LINK = 71
const PIECE_BYTES = 70

export function followerStage(): Stage {
  let bench: Bench | null = null
  return (command) => {
    if (command.name === 'follower') {
      bench = new Bench(command)
      return bench.taken()
    }
    if (bench === null) throw new Error('a script begins with `follower`')
    return bench.carryOut(command)
  }
}

class Bench {
  readonly #recorder: Recorder
  readonly #follower: Follower
  /** Each dial makes one. */
  #link = LINK - 1

  constructor(command: Command) {
    const { options, words } = command
    const history = options.get('history') ?? '4.5-4.7'
    const logged = history === '' ? [] : zxidsOfWord(history)
    const before = z(options.get('before') ?? '4.4')
    const committed = z(options.get('committed') ?? '4.6')
    this.#recorder = new Recorder(before, logged, committed, 100, numberOf(command, 'memory', 1e6))
    const [accepted = 4, current = 4] = (options.get('epochs') ?? '4/4').split('/').map(Number)
    Object.assign(this.#recorder.epochs, { accepted, current })
    const context = this.#recorder.context(numberOf(command, 'id', 1), words.includes('damaged'))
    this.#follower = new Follower(context, LEADER)
    this.#follower.start()
  }

  taken(): string[] {
    const lines = effectsOf(this.#recorder, false)
    this.#link += lines.filter((line) => line.startsWith('dial')).length
    return lines
  }

  carryOut(command: Command): string[] {
    const { name, words } = command
    if (name === 'touch') return [touchText(this.#recorder)]
    if (name === 'describe') return [this.#follower.describe()]
    if (name === 'wait') return this.#wait(Number(words[0]))
    this.#tell(command)
    return this.taken()
  }

  #tell(command: Command): void {
    const { name, words, text } = command
    const follower = this.#follower
    if (name === 'open') follower.linkOpened(this.#link)
    else if (name === 'close') follower.linkClosed(this.#link)
    else if (name === 'hear') follower.packet(this.#link, packetOf(command, 0))
    else if (name === 'piece') {
      follower.snapshotPiece(this.#link, new Uint8Array(PIECE_BYTES), 0, PIECE_BYTES)
    } else if (name === 'signature') follower.snapshotEnd(this.#link)
    else if (name === 'saved') follower.epochSaved(words[0] === 'accepted' ? 'accepted' : 'current')
    else if (name === 'synced') follower.synced(z(words[0]!))
    else if (name === 'cut') follower.repair.truncated(z(words[0]!))
    else if (name === 'loaded') follower.repair.loaded(z(words[0]!))
    else if (name === 'installed') follower.repair.installed()
    else if (name === 'read') follower.applying.readBegun()
    else if (name === 'entries') {
      const writer = new JuteWriter()
      for (const zxid of zxidsOfWord(words[0]!)) writer.buffer(transaction(zxid))
      follower.applying.entriesRead(writer.bytes, 0, writer.length)
    } else if (name === 'touched') {
      const bytes = new Uint8Array(12 * Number(words[0])).fill(1)
      follower.clients.touched(bytes, 0, bytes.length)
    } else if (name === 'pulse') follower.watch.pulse(LEADER, words[0] === 'on')
    else throw new Error(`'${text}' is no command to a learner`)
  }

  #wait(ms: number): string[] {
    const { clock } = this.#recorder
    const endMs = clock.nowMs + ms
    const lines: string[] = []
    while (this.#follower.nextTickMs() <= endMs) {
      clock.nowMs = this.#follower.nextTickMs()
      this.#follower.tick()
      lines.push(...this.taken().map((line) => `${clock.nowMs} ms  ${line}`))
      if (lines.some((line) => line.includes('give up'))) return lines
    }
    clock.nowMs = endMs
    return lines
  }
}
