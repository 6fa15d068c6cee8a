// Scripts about one server's election: server 2 of the voters 1, 2 and 3, or observer 9. It waits 50 ms
// for a better vote, and repeats its own after 200 ms, then after twice as long each time.
//
//   server [id=2] [voters=1,2,3] [next=2,4,5]   `next`: who votes in the configuration that it has logged,
//                with reconfiguration; `next=-`: it has logged none
//   look ZXID epoch=E       `-`: it has lost its history
//   link ID      unlink ID
//   hear ID looking|leading|following|observing vote=ID zxid=Z epoch=E round=R [ours=0]
//   pulse ID     a sign of life from it
//   doubt ID ABOUT   it hears nothing of that one
//   watch ID MS  unwatch ID      from zab
//   configured 1,2   who votes from now on
//   established E                rest
//   wait MS      ticks when they are due
//   describe

import { Election } from '../../actors/election/election.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import {
  PeerState,
  readNotification,
  VOTE_NONE,
  writeNotification,
} from '../../protocol/quorum/notification.ts'
import { doubtBytes, doubtIn, PULSE } from '../../protocol/quorum/pulse.ts'
import { SERVER_NONE } from '../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import { short, z } from '../actors/zab/ensemble-recorder.ts'
import { membershipOf } from '../support/membership.ts'
import type { Command, Stage } from '../support/script.ts'
import { numberOf, zxidOfWord } from './zab-words.ts'

const STATES = Object.keys(PeerState) as (keyof typeof PeerState)[]

export function electionStage(): Stage {
  let bench: Bench | null = null
  return (command) => {
    if (command.name === 'server') {
      bench = new Bench(command)
      return []
    }
    if (bench === null) throw new Error('a script begins with `server`')
    return bench.carryOut(command)
  }
}

class Bench {
  readonly #clock = { nowMs: 0, wallMs: 0 }
  readonly #election: Election
  #lines: string[] = []

  constructor(command: Command) {
    const voters = (command.options.get('voters') ?? '1,2,3').split(',').map(Number)
    const say = (line: string): number => this.#lines.push(line)
    const next = command.options.get('next')
    const logged = next === undefined || next === '-' ? null : next.split(',').map(Number)
    const observers = [9]
    this.#election = new Election(
      {
        serverId: numberOf(command, 'id', 2),
        membership: membershipOf(
          { voters, observers },
          logged === null ? null : { voters: logged, observers },
        ),
        reconfigEnabled: next !== undefined,
        finalizeWaitMs: 50,
        minNotificationIntervalMs: 200,
        maxNotificationIntervalMs: 1600,
        silenceMs: 500,
        agreedSilenceMs: 150,
      },
      this.#clock,
      {
        links: {
          configured: () => say('configured'),
          send: (to, bytes, start, end) => say(`${to}: ${voteText(bytes, start, end)}`),
          dial: () => say('dial whoever is not linked'),
          pulse: (to, bytes) => say(`${to}: ${signText(bytes)}`),
        },
        zab: {
          doubted: (leader) => say(`a quorum hears nothing of ${leader}`),
          heardOf: (_, start, end) => say(`heard of a configuration of ${end - start} bytes`),
          rumour: () => say('heard of a next configuration'),
          elected: (leader) => say(`elected ${leader}`),
          pulse: (server, alive) => say(`${server} ${alive ? 'has pulses' : 'has no pulse'}`),
        },
        journal: { log: () => undefined },
      },
    )
  }

  carryOut(command: Command): string[] {
    const { name, words } = command
    if (name === 'describe') return [this.#election.describe()]
    if (name === 'wait') return this.#wait(Number(words[0]))
    this.#tell(command)
    return this.#lines.splice(0)
  }

  #tell(command: Command): void {
    const { name, words, text } = command
    const election = this.#election
    const id = Number(words[0])
    if (name === 'look') election.look(zxidOfWord(words[0]), numberOf(command, 'epoch', -1))
    else if (name === 'link') election.linkUp(id)
    else if (name === 'unlink') election.linkDown(id)
    else if (name === 'hear') this.#hear(id, command)
    else if (name === 'pulse') election.notified(id, PULSE, 0, PULSE.length)
    else if (name === 'doubt') this.#doubt(id, Number(words[1]))
    else if (name === 'watch') election.startPulses(id, Number(words[1]))
    else if (name === 'unwatch') election.stopPulses(id)
    else if (name === 'established') election.established(id)
    else if (name === 'rest') election.rest()
    else if (name === 'configured') this.#configured(words[0] ?? '')
    else throw new Error(`'${text}' is no command to an election`)
  }

  #configured(voters: string): void {
    const { bytes } = membershipOf({ voters: voters.split(',').map(Number), version: 9n })
    this.#election.configured(bytes, 0, bytes.length)
  }

  #doubt(from: number, about: number): void {
    const bytes = doubtBytes(about)
    this.#election.notified(from, bytes, 0, bytes.length)
  }

  #hear(from: number, command: Command): void {
    const { options, words } = command
    const state = PeerState[words[1] as keyof typeof PeerState]
    const zxid = options.get('zxid')
    const writer = new JuteWriter()
    const vote = {
      state,
      leader: numberOf(command, 'vote', SERVER_NONE),
      zxid: zxid === undefined ? VOTE_NONE : BigInt(z(zxid)),
      round: BigInt(options.get('round') ?? 1),
      peerEpoch: BigInt(numberOf(command, 'epoch', -1)),
      config: '',
    }
    const isOurs = numberOf(command, 'ours', 1) === 1
    writeNotification(writer, isOurs ? { ...vote, next: '' } : vote)
    this.#election.notified(from, writer.bytes, 0, writer.length)
  }

  #wait(ms: number): string[] {
    const endMs = this.#clock.nowMs + ms
    const lines: string[] = []
    while (this.#election.nextTickMs() <= endMs) {
      this.#clock.nowMs = this.#election.nextTickMs()
      this.#election.tick()
      lines.push(...this.#lines.splice(0).map((line) => `${this.#clock.nowMs} ms  ${line}`))
    }
    this.#clock.nowMs = endMs
    return lines
  }
}

function signText(bytes: Uint8Array): string {
  const about = doubtIn(bytes, 0, bytes.length)
  return about === null ? 'pulse' : `hears nothing of ${about}`
}

function voteText(bytes: Uint8Array, start: number, end: number): string {
  const { state, leader, zxid, round, peerEpoch } = readNotification(bytes, start, end)
  const who = `${STATES[state]}, round ${round}`
  if (leader === SERVER_NONE) return `${who}, for nobody`
  return `${who}, for ${leader} at ${short(Number(zxid) as Zxid)} of epoch ${peerEpoch}`
}
