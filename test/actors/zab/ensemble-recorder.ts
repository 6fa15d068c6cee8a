// A role by itself: what is around it writes down what it is told, one line a call.

import { Configurations } from '../../../actors/zab/configurations.ts'
import type { ZabContext } from '../../../actors/zab/context.ts'
import type { ZabGauges } from '../../../actors/zab/gauges.ts'
import { LeaderReport } from '../../../actors/zab/gauges.ts'
import { History } from '../../../actors/zab/history.ts'
import { EpochCredit } from '../../../actors/zab/leader/epoch-credit.ts'
import type { Link, ZabLinks, ZabTimes } from '../../../actors/zab/neighbours.ts'
import { OwnLog } from '../../../actors/zab/own-log.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { decodeControl } from '../../../protocol/control.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { type Packet, PacketType } from '../../../protocol/quorum/packet.ts'
import { writeTxnHeader } from '../../../protocol/txn.ts'
import { counterOf, epochOf, type Zxid, zxidOf } from '../../../protocol/zxid.ts'
import { membershipOf, type Roster } from '../../support/membership.ts'

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(PacketType).map(([name, type]) => [type, name.toUpperCase()]),
)

export const CONFIG: Roster = {
  voters: [1, 2, 3],
  observers: [9],
}

const gauge = { set: () => undefined, add: () => undefined }
export const GAUGES: ZabGauges = {
  learners: gauge,
  syncedFollowers: gauge,
  syncedObservers: gauge,
  pendingSyncs: gauge,
  learnersBacklog: gauge,
  learnerBacklogMax: gauge,
  lastProposalBytes: gauge,
  minProposalBytes: gauge,
  maxProposalBytes: gauge,
  quorumAck: { observe: () => undefined },
}

const TIMES: ZabTimes = {
  tickTimeMs: 100,
  initLimit: 10,
  syncLimit: 5,
  heartbeatMs: 50,
  silenceMs: 500,
  agreedSilenceMs: 150,
  fsyncWarningThresholdMs: 1000,
}

export class Recorder {
  readonly clock = { nowMs: 0, wallMs: 0 }
  readonly history: History
  readonly epochs = { accepted: 4, current: 4 }
  readonly log: OwnLog = new OwnLog(
    {
      append: (zxid) => this.#say(`log ${short(zxid)}`),
      saveEpoch: (which, epoch) => this.#say(`save ${which} ${epoch}`),
      saveConfig: (which, _, start, end) => this.#say(`save ${which} config, ${end - start} bytes`),
      truncate: (zxid) => this.#say(`cut ${short(zxid)}`),
      install: (zxid) => this.#say(`install ${short(zxid)}`),
      reload: () => this.#say('reload'),
      whole: () => this.#say('whole'),
      fence: () => this.#say('fence'),
      beginRead: (link, kind, after) => this.#say(`${link}: read ${kind} ${short(after)}`),
      readOn: (link) => this.#say(`${link}: read on`),
      endRead: (link) => this.#say(`${link}: read no more`),
    },
    this.clock,
  )
  /** Bytes that wait for a link; links for which too much waits. */
  readonly unsent: Map<Link, number> = new Map()
  readonly overfull: Link[] = []
  readonly credit: EpochCredit = new EpochCredit(TIMES, this.clock, { log: () => {} })
  /** What the session manager was told. */
  readonly toSessions: string[] = []
  /** Of the data of the packet sent last. */
  sentBytes = 0
  inTouchMs: number = Number.POSITIVE_INFINITY
  /** The data of each PING. */
  readonly pings: (Uint8Array | null)[] = []
  #lines: string[] = []
  #links = 70

  /** A history from `before` through `logged`, committed up to `committed`. */
  constructor(
    before: Zxid,
    logged: readonly Zxid[],
    committed: Zxid,
    keptMax: number = 100,
    bytesMax: number = 1e6,
  ) {
    this.history = new History(before, keptMax, bytesMax)
    for (const zxid of logged) {
      const bytes = transaction(zxid)
      this.history.append(zxid, bytes, 0, bytes.length)
    }
    this.history.commit(committed)
  }

  /** What was written since the last call. */
  taken(): string[] {
    return this.#lines.splice(0)
  }

  context(serverId: number, damaged = false): ZabContext {
    const say = (line: string): void => this.#say(line)
    const sent = (link: Link, type: number, zxid: Zxid, data: Uint8Array | null): void => {
      const words = [`${link}:`, NAMES.get(type), short(zxid)]
      if (type === PacketType.commit && data !== null) words.push('when logged')
      this.sentBytes = data?.length ?? 0
      if (type === PacketType.ping) this.pings.push(data?.slice() ?? null)
      if (type === PacketType.ackEpoch) words.push(`${new DataView(data!.buffer).getInt32(0)}`)
      say(words.join(' '))
    }
    return {
      serverId,
      membership: membershipOf(CONFIG),
      configs: new Configurations(membershipOf(CONFIG), false, {
        log: this.log,
        journal: { log: () => {} },
        links: this.#recordLinks(say, sent),
        election: { configured: () => say('election'), proposed: () => say('election') },
        changed: () => undefined,
      }),
      times: TIMES,
      roomBytes: 100,
      clock: this.clock,
      history: this.history,
      epochs: this.epochs,
      links: this.#recordLinks(say, sent),
      credit: this.credit,
      log: this.log,
      report: new LeaderReport(GAUGES),
      pulses: {
        startPulses: (peer, intervalMs) => say(`start pulses ${peer} each ${intervalMs} ms`),
        stopPulses: (peer) => say(`stop pulses ${peer}`),
      },
      tree: {
        apply: (zxid) => say(`apply ${short(zxid)}`),
        committed: (zxid) => say(`committed ${short(zxid)}`),
        lead: (zxid) => say(`lead ${short(zxid)}`),
        follow: (zxid) => say(`follow ${short(zxid)}`),
        config: (_, start, end) => say(`config of ${end - start} bytes`),
        supporters: (_, start, end) => say(`${(end - start) / 8} supporters`),
        idle: () => say('idle'),
        readOnly: (on) => say(`read-only ${on}`),
        snapshotBegin: (zxid) => say(`tree begins ${short(zxid)}`),
        snapshotPiece: (_, start, end) => say(`tree takes ${end - start}`),
        snapshotEnd: (zxid) => say(`tree ends ${short(zxid)}`),
        forwarded: (link, dataBytes) => say(`forwarded ${link} ${dataBytes}`),
        revalidation: (link, id, timeoutMs) => say(`revalidation ${link} ${id} ${timeoutMs}`),
        revalidated: (id, valid) => say(`revalidated ${id} ${valid}`),
        synchronized: () => say('synchronized'),
        answer: (id, isOver, bytes, start, end) => {
          const list = JSON.stringify(decodeControl(bytes.subarray(start, end)))
          say(`answer ${id}${isOver ? ', the last' : ''}: ${list}`)
        },
      },
      sessions: {
        touched: (link, _age, _bytes, start, end) =>
          this.toSessions.push(`${link}: ${end - start} bytes`),
        learnerLost: (link) => this.toSessions.push(`${link}: lost`),
      },
      inTouch: (ms) => {
        this.inTouchMs = ms
      },
      journal: { log: () => {} },
      established: (epoch) => say(`established ${epoch}`),
      damaged,
      whole: () => say('whole again'),
      giveUp: (why) => say(`give up: ${why}`),
      giveUpSoon: (why) => say(`give up soon: ${why}`),
    }
  }

  #say(line: string): void {
    this.#lines.push(line)
  }

  #recordLinks(say: (line: string) => void, sent: ZabLinks['send']): ZabLinks {
    return {
      configured: (members) => say(`links to ${members.map(({ id }) => id).join()}`),
      connect: (leader) => {
        say(`dial ${leader}`)
        return ++this.#links
      },
      listen: (open) => say(open ? 'listen' : 'refuse'),
      send: sent,
      broadcast: (links, type, zxid, data) => {
        for (const link of links) sent(link, type, zxid, data)
      },
      broadcastSoon: (links, type, zxid, data) => {
        for (const link of links) sent(link, type, zxid, data)
      },
      sendRaw: (link, _, start, end) => say(`${link}: ${end - start} bytes`),
      unsent: (link) => this.unsent.get(link) ?? 0,
      report: (link) => ({
        ...{ address: `10.0.0.${link}:40000`, sent: 7, lastZxid: z('5.1'), waiting: 1 },
        waitingBytes: this.unsent.get(link) ?? 0,
      }),
      recount: (link) => say(`${link}: counts from now on`),
      awaitRoom: (link) => say(`${link}: await room`),
      takeOverfull: () => this.overfull.splice(0),
      hold: (link, on) => say(`${link}: ${on ? 'hold' : 'read on'}`),
      close: (link) => say(`${link}: close`),
    }
  }
}

/** `5.7` is the seventh of epoch 5. */
export function z(text: string): Zxid {
  const [epoch, counter] = text.split('.').map(Number)
  return zxidOf(epoch!, counter!)
}

export function short(zxid: Zxid): string {
  return zxid < 0 ? '-' : `${epochOf(zxid)}.${counterOf(zxid)}`
}

export function packet(type: number, zxid: Zxid, data: Uint8Array | null = null): Packet {
  return { type, zxid, data, authinfo: null }
}

export function transaction(zxid: Zxid, type: number = OpCode.setData): Uint8Array {
  const writer = new JuteWriter(48)
  writeTxnHeader(writer, { sessionId: 1n as never, cxid: 0, zxid, timeMs: 0, type })
  return writer.finish()
}

export function int(value: number): Uint8Array {
  const writer = new JuteWriter(4)
  writer.int(value)
  return writer.finish()
}
