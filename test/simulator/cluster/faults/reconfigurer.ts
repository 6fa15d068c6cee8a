// An operator who changes the ensemble while everything may go wrong: adds, removes, changes roles,
// removes the leader, shrinks to one and grows to all, replaces everybody; without waiting for what it
// asked before, and by any server.

import { writeRequestFrame } from '../../../../client/request-frame.ts'
import { JuteReader } from '../../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../../protocol/bytes/jute-writer.ts'
import { OpCode, Xid } from '../../../../protocol/op-code.ts'
import { readReplyHeader } from '../../../../protocol/records/header.ts'
import {
  type ReconfigRequest,
  writeReconfigRequest,
} from '../../../../protocol/records/reconfig.ts'
import type { SessionId } from '../../../../protocol/session-id.ts'
import { SESSION_NONE } from '../../../../protocol/session-id.ts'
import { ClientStream, connectFrame, requestFrame } from '../../clients/client-stream.ts'
import { OPERATOR_ADDRESS } from '../../clients/identities.ts'
import { drawManners, Wire } from '../../network/wire.ts'
import type { Dice } from '../../world/dice.ts'
import type { EventLog } from '../../world/event-log.ts'
import type { Cluster } from '../cluster.ts'
import type { Member } from '../member.ts'
import { hostOf } from '../world/wires.ts'

const PASSWORD_NONE = new Uint8Array(16)
const PATIENCE = 40

type Change = 'add' | 'remove' | 'role' | 'leader' | 'shrink' | 'grow' | 'whole'

export class Reconfigurer {
  /** How often each answer came, by its error. */
  readonly answers: Map<number, number> = new Map()
  readonly #cluster: Cluster
  readonly #timeoutMs: number
  readonly #dice: Dice
  readonly #events: EventLog
  #line: { wire: Wire; member: Member; session: SessionId; acts: number } | null = null
  #connects = 0
  #xid = 0

  constructor(cluster: Cluster, timeoutMs: number, dice: Dice, events: EventLog) {
    this.#cluster = cluster
    this.#timeoutMs = timeoutMs
    this.#dice = dice
    this.#events = events
  }

  /** Asks for a change each `paceMs` or so, until `endMs`. */
  begin(paceMs: number, endMs: number): void {
    const { agenda } = this.#cluster
    agenda.after(1 + this.#dice.below(2 * paceMs), () => {
      if (agenda.nowMs >= endMs) {
        this.#hangUp()
        return
      }
      this.#act()
      this.begin(paceMs, endMs)
    })
  }

  #act(): void {
    const line = this.#line
    if (line === null) {
      this.#connect()
      return
    }
    line.wire.look()
    line.member.wake('network')
    if (++line.acts > PATIENCE) this.#hangUp()
    else if (line.session !== SESSION_NONE) this.#ask(line)
  }

  #connect(): void {
    const { alive } = this.#cluster
    if (alive.length === 0) return
    const member = this.#dice.pick(alive)
    const stream = new ClientStream({
      onConnected: (session) => {
        if (this.#line === null) return
        this.#line.session = session
        this.#cluster.history.operators.add(session)
      },
      onReply: (bytes, start, end) => this.#answered(new JuteReader(bytes, start, end)),
      onEvent: () => undefined,
      onClosed: () => {
        if (this.#line?.wire === wire) this.#line = null
      },
    })
    const wire: Wire = new Wire(
      stream,
      OPERATOR_ADDRESS,
      1000 + ++this.#connects,
      drawManners(this.#dice),
      this.#dice,
    )
    this.#line = { wire, member, session: SESSION_NONE, acts: 0 }
    const opening = { lastZxidSeen: 0, timeoutMs: this.#timeoutMs, sessionId: SESSION_NONE }
    wire.send(connectFrame({ ...opening, password: PASSWORD_NONE, readOnly: false } as never))
    member.network.open(wire)
    member.wake('network')
  }

  #hangUp(): void {
    const line = this.#line
    this.#line = null
    line?.wire.hangUp()
    line?.member.wake('network')
  }

  #ask({ wire, member }: { wire: Wire; member: Member }): void {
    const request = this.#draw()
    if (request === null) {
      wire.send(requestFrame(Xid.ping, { type: OpCode.ping }))
      return
    }
    const writer = new JuteWriter()
    writeRequestFrame(writer, ++this.#xid, OpCode.reconfig, writeReconfigRequest, request)
    this.#events.add(`  reconfig ${this.#xid} by s${member.id}: ${JSON.stringify(request)}`)
    wire.send(writer.finish())
    member.wake('network')
  }

  #answered(reader: JuteReader): void {
    const { xid, err } = readReplyHeader(reader)
    if (xid < 0) return
    this.#events.add(`  reconfig ${xid} answered ${err}`)
    this.answers.set(err, (this.answers.get(err) ?? 0) + 1)
  }

  #draw(): ReconfigRequest | null {
    const { history, ids } = this.#cluster
    const { members, version } = history.newest
    const inside = members.map(({ id }) => id)
    const outside = ids.filter((id) => !inside.includes(id))
    const leader = this.#cluster.alive.find((member) => history.leads(member))?.id
    const kinds: Record<Change, number> = {
      add: 4,
      remove: 3,
      role: 3,
      leader: 2,
      shrink: 1,
      grow: 1,
      whole: 2,
    }
    const curConfigId = this.#dice.oneIn(4) ? Number(version) : -1
    const none = { joiningServers: null, leavingServers: null, newMembers: null, curConfigId }
    const kind = this.#dice.weighted(kinds) as Change
    if (kind === 'add' && outside.length > 0) {
      const leaving = this.#dice.oneIn(3) && inside.length > 1 ? this.#dice.pick(inside) : null
      const joining = this.#line1(this.#dice.pick(outside), !this.#dice.oneIn(4))
      return {
        ...none,
        joiningServers: joining,
        leavingServers: leaving === null ? null : String(leaving),
      }
    }
    if (kind === 'remove') return { ...none, leavingServers: String(this.#dice.pick(inside)) }
    if (kind === 'leader' && leader !== undefined)
      return { ...none, leavingServers: String(leader) }
    if (kind === 'role') {
      const member = this.#dice.pick([...members])
      return { ...none, joiningServers: this.#line1(member.id, member.role === 'observer') }
    }
    if (kind === 'shrink') {
      const kept = this.#dice.pick(inside)
      return { ...none, leavingServers: inside.filter((id) => id !== kept).join() }
    }
    if (kind === 'grow') {
      return { ...none, joiningServers: outside.map((id) => this.#line1(id, true)).join() }
    }
    if (kind !== 'whole') return null
    const chosen = ids.filter(() => this.#dice.oneIn(2))
    return { ...none, newMembers: chosen.map((id) => this.#line1(id, !this.#dice.oneIn(5))).join() }
  }

  #line1(id: number, votes: boolean): string {
    const role = votes ? 'participant' : 'observer'
    return `server.${id}=${hostOf(id)}:2888:3888:${role};${hostOf(id)}:2181`
  }
}
