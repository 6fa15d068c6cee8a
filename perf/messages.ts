// What does a message cost between two actors, beside waking anybody: sent, through the ring, and
// delivered? A line for each message: nanoseconds of processor time as the server sends and delivers it,
// and by what is made from the edge's table alone. So it shows which messages are worth code of their
// own.
//
//   node dist/perf/messages.js [payload bytes]        default: 100

import { sessionIdOf } from '../protocol/session-id.ts'
import type { Zxid } from '../protocol/zxid.ts'
import { Edge, type SenderClass } from '../runtime/edges/edge.ts'
import { ELECTION, ElectionSender } from '../runtime/edges/election-edge.ts'
import { bytes, type Field, flag, session, text, zxid } from '../runtime/edges/field.ts'
import { deliverToLog, LOG, LogSender } from '../runtime/edges/log-edge.ts'
import { deliverToNetwork, NETWORK, NetworkSender } from '../runtime/edges/network-edge.ts'
import { SESSIONS, SessionsSender } from '../runtime/edges/sessions-edge.ts'
import { deliverToTree, TREE, TreeSender } from '../runtime/edges/tree-edge.ts'
import { WATCHES, WatchesSender } from '../runtime/edges/watches-edge.ts'
import { deliverToZab, ZAB, ZabSender } from '../runtime/edges/zab-edge.ts'
import { Doorbell } from '../runtime/ring/doorbell.ts'
import { Inbox, Outbox } from '../runtime/ring/mailbox.ts'
import { type FrameView, RingConsumer, RingProducer } from '../runtime/ring/ring.ts'
import { ringMemory } from '../runtime/ring/ring-layout.ts'

const ROUNDS = 11
const MESSAGES_A_ROUND = 100_000
/** As many as a thread finds at once under load. */
const MESSAGES_A_TURN = 32

type Actor = Record<string, (...all: unknown[]) => void>
type Deliver = (frame: FrameView, actor: Actor) => void
/** Sends a message so many times. */
type Loop = (sender: Actor, count: number, values: readonly unknown[]) => void

interface Case {
  readonly rows: Readonly<Record<string, readonly unknown[]>>
  readonly Sender: SenderClass<object>
  readonly deliver: Deliver
}

function caseOf<M extends object>(
  edge: Edge<M>,
  Sender: SenderClass<M>,
  deliver: (frame: FrameView, actor: M) => void,
): Case {
  return { rows: edge.rows, Sender, deliver } as unknown as Case
}

/** By table alone. */
function tableCaseOf<M extends object>({ receiver, rows }: Edge<M>): Case {
  const edge = new Edge<M>(receiver, rows)
  return caseOf(edge, edge.sender(), (frame, actor) => edge.deliver(frame, actor))
}

const CASES: readonly (readonly [hand: Case, table: Case])[] = [
  [caseOf(NETWORK, NetworkSender, deliverToNetwork), tableCaseOf(NETWORK)],
  [caseOf(TREE, TreeSender, deliverToTree), tableCaseOf(TREE)],
  [caseOf(ZAB, ZabSender, deliverToZab), tableCaseOf(ZAB)],
  [caseOf(LOG, LogSender, deliverToLog), tableCaseOf(LOG)],
  [caseOf(SESSIONS, SessionsSender, (f, a) => SESSIONS.deliver(f, a)), tableCaseOf(SESSIONS)],
  [caseOf(WATCHES, WatchesSender, (f, a) => WATCHES.deliver(f, a)), tableCaseOf(WATCHES)],
  [caseOf(ELECTION, ElectionSender, (f, a) => ELECTION.deliver(f, a)), tableCaseOf(ELECTION)],
]

function argumentsOf(field: unknown, payload: Uint8Array): unknown[] {
  if (field === bytes) return [payload, 0, payload.length]
  if (field === zxid) return [(7 * 2 ** 32 + 12_345) as Zxid]
  if (field === flag) return [true]
  if (field === session) return [sessionIdOf(0x1000_1234_5678_9abcn)]
  if (field === text) return ['192.168.100.200']
  // 0, or the first of a few values.
  return [(field as Field<unknown>).get({ int: () => 0 } as unknown as FrameView, 0)]
}

/** A loop with a call of its own, as a caller of the message has. */
function loopOf(name: string, count: number): Loop {
  const values = Array.from({ length: count }, (_, i) => `v[${i}]`).join(', ')
  const body = `for (let i = 0; i < n; i++) sender.${name}(${values})`
  return new Function('sender', 'n', 'v', body) as Loop
}

function measureNs({ rows, Sender, deliver }: Case, name: string, payload: Uint8Array): number {
  const memory = ringMemory(1 << 20)
  const outbox = new Outbox('perf', new RingProducer(memory), new Doorbell())
  const inbox = new Inbox('perf', new RingConsumer(memory), new Doorbell(), false)
  const sender = new Sender(outbox) as Actor
  let told = 0
  const actor = Object.fromEntries(Object.keys(rows).map((key) => [key, () => void told++]))
  const values = rows[name]!.flatMap((field) => argumentsOf(field, payload))
  const loop = loopOf(name, values.length)
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    for (let sent = 0; sent < MESSAGES_A_ROUND; sent += MESSAGES_A_TURN) {
      loop(sender, MESSAGES_A_TURN, values)
      outbox.flush()
      for (let f = inbox.next(); f !== null; f = inbox.next()) deliver(f, actor)
      inbox.release()
    }
    const { user } = process.cpuUsage(before)
    best = Math.min(best, (user * 1000) / MESSAGES_A_ROUND)
  }
  if (told < ROUNDS * MESSAGES_A_ROUND) throw new Error(`${name}: ${told} arrived`)
  return Math.round(best)
}

const payload = new Uint8Array(Number(process.argv[2] ?? 100))
for (const [hand, table] of CASES) {
  for (const name of Object.keys(hand.rows)) {
    const ns = measureNs(hand, name, payload)
    const byTableNs = measureNs(table, name, payload)
    console.log(JSON.stringify({ message: name, ns, byTableNs }))
  }
}
