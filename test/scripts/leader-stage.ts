// Scripts about a leader by itself: server 3 of the voters 1, 2 and 3, with observer 9. A tick is
// 100 ms, initLimit 10, syncLimit 5. What the log, the tree, the session manager and each link are told
// is a line each; a line that begins with `1:` is about link 1.
//
//   leader history=4.5-4.8 committed=4.6 [before=4.4] [epochs=4/4] [kept=100]
//   open LINK          close LINK          full LINK BYTES    room LINK
//   hear LINK PACKET ZXID ...
//   saved accepted|current                 synced ZXID
//   propose ZXID [session]                 sync [LINK]
//   read LINK FROM [snapshot]              entries LINK ZXIDS           piece LINK [last]
//   wait MS            at most so long: ticks when they are due
//   touch              until when it knows that it leads
//   describe

import { Leader } from '../../actors/zab/leader/leader.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { LINK_SELF } from '../../protocol/messages/zab.ts'
import { OpCode } from '../../protocol/op-code.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import { Recorder, transaction, z } from '../actors/zab/ensemble-recorder.ts'
import type { Command, Stage } from '../support/script.ts'
import { effectsOf, numberOf, packetOf, touchText, zxidOfWord, zxidsOfWord } from './zab-words.ts'

const PIECE_BYTES = 70

export function leaderStage(): Stage {
  let bench: Bench | null = null
  return (command) => {
    if (command.name === 'leader') {
      bench = new Bench(command)
      return bench.taken()
    }
    if (bench === null) throw new Error('a script begins with `leader`')
    return bench.carryOut(command)
  }
}

class Bench {
  readonly #recorder: Recorder
  readonly #leader: Leader

  constructor(command: Command) {
    const { options } = command
    const logged = zxidsOfWord(options.get('history') ?? '4.5-4.8')
    const before = z(options.get('before') ?? '4.4')
    const committed = z(options.get('committed') ?? '4.6')
    this.#recorder = new Recorder(before, logged, committed, numberOf(command, 'kept', 100))
    const [accepted = 4, current = 4] = (options.get('epochs') ?? '4/4').split('/').map(Number)
    Object.assign(this.#recorder.epochs, { accepted, current })
    this.#leader = new Leader(this.#recorder.context(3))
    this.#leader.start()
  }

  taken(): string[] {
    this.#leader.endTurn()
    return effectsOf(this.#recorder, true)
  }

  carryOut(command: Command): string[] {
    const { name, words } = command
    if (name === 'touch') return [touchText(this.#recorder)]
    if (name === 'describe') return [this.#leader.describe()]
    if (name === 'wait') return this.#wait(Number(words[0]))
    this.#tell(command)
    return this.taken()
  }

  #tell(command: Command): void {
    const { name, words, text } = command
    const leader = this.#leader
    const link = Number(words[0])
    if (name === 'open') leader.linkOpened(link)
    else if (name === 'close') leader.linkClosed(link)
    else if (name === 'hear') leader.packet(link, packetOf(command, 1))
    else if (name === 'saved') leader.epochSaved(words[0] === 'accepted' ? 'accepted' : 'current')
    else if (name === 'synced') this.#synced(z(words[0]!))
    else if (name === 'propose') this.#propose(z(words[0]!), words.includes('session'))
    else if (name === 'sync') leader.heartbeats.sync(words.length === 0 ? LINK_SELF : link)
    else if (name === 'pulse') leader.pulse(link, words[1] === 'on')
    else if (!this.#feed(command)) throw new Error(`'${text}' is no command to a leader`)
  }

  /** What is about a learner that is behind. */
  #feed({ name, words }: Command): boolean {
    const { catchUp } = this.#leader
    const link = Number(words[0])
    if (name === 'full') this.#recorder.unsent.set(link, Number(words[1]))
    else if (name === 'overfull') this.#recorder.overfull.push(link)
    else if (name === 'room') {
      this.#recorder.unsent.set(link, 0)
      catchUp.ready(link)
    } else if (name === 'read') {
      catchUp.readBegun(link, zxidOfWord(words[1]), words.includes('snapshot'))
    } else if (name === 'piece') {
      const bytes = new Uint8Array(PIECE_BYTES)
      catchUp.pieceRead(link, words.includes('last'), bytes, 0, bytes.length)
    } else if (name === 'entries') {
      const writer = new JuteWriter()
      for (const zxid of zxidsOfWord(words[1]!)) writer.buffer(transaction(zxid))
      catchUp.entriesRead(link, writer.bytes, 0, writer.length)
    } else return false
    return true
  }

  #propose(zxid: Zxid, isSession: boolean): void {
    const bytes = transaction(zxid, isSession ? OpCode.createSession : OpCode.setData)
    this.#leader.propose(zxid, bytes, 0, bytes.length)
  }

  #synced(zxid: Zxid): void {
    this.#recorder.log.synced(zxid)
    this.#leader.synced(zxid)
  }

  #wait(ms: number): string[] {
    const { clock } = this.#recorder
    const endMs = clock.nowMs + ms
    const lines: string[] = []
    while (this.#leader.nextTickMs() <= endMs) {
      clock.nowMs = this.#leader.nextTickMs()
      this.#leader.tick()
      lines.push(...this.taken().map((line) => `${clock.nowMs} ms  ${line}`))
      if (lines.some((line) => line.includes('give up'))) return lines
    }
    clock.nowMs = endMs
    return lines
  }
}
