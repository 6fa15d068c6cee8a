// A hostile peer on the network of a simulated ensemble. It dials the ports between members under
// any id, says what a seed draws, and hangs up again.
//
// It does not say as a voter that it has logged something or promised an epoch: whoever does that is
// a voter, the protocol has no defence. Everything else it may.

import type { Socket } from 'node:net'
import { utf8 } from '../../../../protocol/bytes/text.ts'
import { PeerState } from '../../../../protocol/quorum/notification.ts'
import { PacketType } from '../../../../protocol/quorum/packet.ts'
import { EPOCH } from '../../../../protocol/quorum/ranges.ts'
import { SERVER_NONE } from '../../../../protocol/quorum/server-id.ts'
import type { Dice } from '../../world/dice.ts'
import type { SimulatedDisk } from '../../world/disk.ts'
import type { EventLog } from '../../world/event-log.ts'
import type { Agenda } from '../world/agenda.ts'
import { hostOf, type Station, type Wires } from '../world/wires.ts'
import {
  electionIntroduction,
  framed,
  INTS,
  intBytes,
  LONGS,
  learnerInfo,
  packetBytes,
  voteFrame,
} from './lies.ts'

export type PeerPort = 2888 | 3888

/** What a member has promised, as far as its disk says. */
export function acceptedEpoch(disk: SimulatedDisk): number {
  const bytes = disk.peek('snapshot', 'acceptedEpoch')
  return bytes === null ? 0 : Number.parseInt(utf8(bytes, 0, bytes.length), 10)
}

const DIAL_MS = 1000
const STAY_MS_MAX = 800
/** In it a member has an epoch on its disk, when nothing is slow. */
const ANSWER_MS = 10
const SAYINGS_MAX = 4
const RUBBISH_BYTES_MAX = 300
const EPOCHS_AHEAD = [0, 1, 2, 64, 1000, 65_535, EPOCH.max]

export class Stranger implements Station {
  readonly id: number
  readonly alive: boolean = true
  readonly rate: number = 1
  readonly #ids: readonly number[]
  readonly #voters: readonly number[]
  readonly #agenda: Agenda
  readonly #wires: Wires
  readonly #dice: Dice
  readonly #events: EventLog
  readonly #open: Set<Socket> = new Set()

  /** `members`: all of them, and those among them that vote. */
  constructor(
    id: number,
    members: { readonly ids: readonly number[]; readonly voters: readonly number[] },
    agenda: Agenda,
    wires: Wires,
    dice: Dice,
    events: EventLog,
  ) {
    this.id = id
    this.#ids = members.ids
    this.#voters = members.voters
    this.#agenda = agenda
    this.#wires = wires
    this.#dice = dice
    this.#events = events
  }

  perform(run: () => void): void {
    run()
  }

  /** Comes again and again, so often on average, until then. */
  haunt(everyMs: number, endMs: number): void {
    this.#agenda.after(1 + this.#dice.below(2 * everyMs), () => {
      if (this.#agenda.nowMs >= endMs) return
      this.#comeOnce()
      this.haunt(everyMs, endMs)
    })
  }

  /** Says these one after the other, and stays for a while. */
  visit(member: number, port: PeerPort, sayings: readonly Uint8Array[], stayMs: number): void {
    const address = { host: hostOf(member), port }
    this.#wires.transport(this).dial([address], DIAL_MS, (socket) => {
      if (socket === null) return
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
      socket.once('end', () => socket.destroy())
      for (const bytes of sayings) socket.write(bytes)
      this.#agenda.after(stayMs, () => socket.destroy())
    })
  }

  /** Says these to whoever dials and has said something, with time for an answer between them; returns
   * what ends that. */
  listen(port: PeerPort, sayings: readonly Uint8Array[]): () => void {
    const accept = (socket: Socket): void => {
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
      socket.once('end', () => socket.destroy())
      socket.once('data', () => {
        for (const [i, bytes] of sayings.entries()) {
          this.#agenda.after(i * ANSWER_MS, () => socket.write(bytes))
        }
      })
    }
    const retries = { tries: 0, delayMs: 0 }
    const user = { accept, bindFailed: () => undefined }
    const listener = this.#wires.transport(this).listener({ host: null, port }, retries, user)
    void listener.open()
    return () => listener.close()
  }

  /** Hangs up. */
  leave(): void {
    for (const socket of [...this.#open]) socket.destroy()
  }

  #comeOnce(): void {
    const dice = this.#dice
    const member = dice.pick(this.#ids)
    const port = dice.pick([2888, 3888] as const)
    const sayings = port === 2888 ? this.#asLearner() : this.#asVoter()
    this.#events.add(`${this.#agenda.nowMs} stranger at s${member}:${port}, ${sayings.length}`)
    this.visit(member, port, sayings, dice.below(STAY_MS_MAX))
  }

  /** A member's more often than another one. */
  #anyId(): bigint {
    return this.#dice.oneIn(4) ? this.#dice.pick(LONGS) : BigInt(this.#dice.pick(this.#ids))
  }

  #asLearner(): Uint8Array[] {
    const dice = this.#dice
    if (dice.oneIn(6)) return [this.#rubbish()]
    const id = this.#anyId()
    const observes = dice.oneIn(2)
    const ahead = Math.min(EPOCH.max, dice.pick(EPOCHS_AHEAD) + dice.below(30))
    const epoch = dice.oneIn(8) ? dice.pick(INTS) : ahead
    const info = learnerInfo(id, dice.pick(INTS))
    const type = observes ? PacketType.observerInfo : PacketType.followerInfo
    const sayings = [packetBytes({ type, epoch, data: info })]
    const isVoter = !observes && this.#voters.includes(Number(id))
    // The current epoch of a voter that is ahead counts for nothing.
    const current = isVoter ? EPOCH.max : dice.pick(INTS)
    if (dice.oneIn(2)) {
      const last = { epoch: dice.pick(INTS), counter: dice.pick(INTS) }
      sayings.push(packetBytes({ type: PacketType.ackEpoch, ...last, data: intBytes(current) }))
    }
    if (!isVoter) for (let i = dice.below(SAYINGS_MAX); i > 0; i--) sayings.push(this.#asObserver())
    return sayings
  }

  /** Of one whose word counts for nothing. */
  #asObserver(): Uint8Array {
    const dice = this.#dice
    const zxid = { epoch: dice.below(30), counter: dice.pick([0, 0, 1, -1]) }
    const word = (): number => dice.pick(INTS)
    switch (dice.below(4)) {
      case 0:
        return packetBytes({ type: PacketType.ping, ...zxid, data: intBytes(0, 0, word()) })
      case 1:
        return packetBytes({ type: PacketType.revalidate, ...zxid, data: intBytes(0, 0, word()) })
      case 2:
        // A session without an id.
        return packetBytes({
          type: PacketType.request,
          ...zxid,
          data: intBytes(0, 0, word(), -10, word()),
        })
      default:
        return packetBytes({ type: PacketType.ack, ...zxid })
    }
  }

  #asVoter(): Uint8Array[] {
    const dice = this.#dice
    if (dice.oneIn(6)) return [this.#rubbish()]
    const sayings = [electionIntroduction(this.#anyId())]
    for (let i = dice.below(SAYINGS_MAX); i > 0; i--) {
      const number = (): bigint => (dice.oneIn(3) ? dice.pick(LONGS) : BigInt(dice.below(30)))
      const states = Object.values(PeerState)
      sayings.push(
        dice.oneIn(8)
          ? framed(this.#rubbish(), dice.pick(INTS))
          : voteFrame({
              state: dice.pick(states),
              leader: dice.oneIn(6) ? SERVER_NONE : dice.pick(this.#ids),
              zxid: dice.oneIn(2) ? number() : number() << 32n,
              round: number(),
              peerEpoch: number(),
              config: '',
            }),
      )
    }
    return sayings
  }

  #rubbish(): Uint8Array {
    return Uint8Array.from({ length: this.#dice.below(RUBBISH_BYTES_MAX) }, () => {
      return this.#dice.below(256)
    })
  }
}
