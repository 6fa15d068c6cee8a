// An edge's messages as a table: what a receiver may be told, and how each message's arguments lie
// in a frame. The frames' numbers, the sender and the dispatch follow from the table, and so does a
// test that sends every message with extreme values (test/runtime/edges).
//
// A message is a method of the receiver's interface (protocol/messages), and a row of its table. A
// missing row, an extra row, or a row whose fields do not fit the parameters does not compile.
//
// Code made from a row calls a function for each field. That costs 30 to 100 ns a message more than
// code written by hand for that one message. Where messages are many, the edge's file has such
// code, for the sender and for the dispatch, and says what it gains. The table still defines the
// format: the test sends by hand and delivers by table, and the other way round.

import { AssertionError, assert } from '../../protocol/assert.ts'
import { utf8, utf8Bytes } from '../../protocol/bytes/text.ts'
import type { Outbox } from '../ring/mailbox.ts'
import type { FrameView } from '../ring/ring.ts'
import { FIELD_WORDS_MAX } from '../ring/ring-layout.ts'
import type { Endpoint } from '../topology.ts'
import { bytes, type Field, text } from './field.ts'

/** A frame's type is the receiver's number here, and the message's place in its table. So a frame
 * on an edge to another receiver is noticed. */
const RECEIVERS: Readonly<Record<Endpoint, number>> = {
  network: 1,
  sessions: 2,
  tree: 3,
  watches: 4,
  zab: 5,
  log: 6,
  election: 7,
}

const MESSAGES_MAX = 256

type Fields<P extends readonly unknown[]> = { readonly [I in keyof P]: Field<P[I]> }
type Row<P extends readonly unknown[]> = P extends readonly [
  ...infer Head,
  bytes: Uint8Array,
  start: number,
  end: number,
]
  ? readonly [...Fields<Head>, typeof bytes]
  : Fields<P>

/** A row for each message of an interface. */
export type Rows<M> = {
  readonly [K in keyof M]: M[K] extends (...args: infer P) => void ? Row<P> : never
}

/** A row as the code below sees it. Values have the types of the fields. */
type AnyRow = readonly (Field<unknown> | typeof bytes)[]

/** A sender: the receiver's messages, and where they go. */
export type Sender<M> = M & { readonly out: Outbox }
export type SenderClass<M> = new (out: Outbox) => Sender<M>

type Method = (...args: unknown[]) => void
type Delivery<M> = (frame: FrameView, receiver: M) => void

export class Edge<M> {
  readonly receiver: Endpoint
  readonly rows: Rows<M>
  /** The types of the frames. */
  readonly type: { readonly [K in keyof M]: number }
  readonly #first: number
  readonly #plans: readonly Plan[]
  readonly #deliveries: readonly Delivery<Record<string, Method>>[]

  constructor(receiver: Endpoint, rows: Rows<M>) {
    const plans = Object.entries<AnyRow>(rows as Record<string, AnyRow>).map(planOf)
    assert(plans.length <= MESSAGES_MAX, 'too many messages for one receiver')
    this.receiver = receiver
    this.rows = rows
    this.#first = RECEIVERS[receiver] * MESSAGES_MAX
    const types = plans.map(({ name }, i) => [name, this.#first + i])
    this.type = Object.fromEntries(types) as { readonly [K in keyof M]: number }
    this.#plans = plans
    this.#deliveries = plans.map(deliveryOf)
  }

  /** Tells the receiver what the frame says. */
  deliver(frame: FrameView, receiver: M): void {
    const i = frame.type - this.#first
    const delivery = this.#deliveries[i]
    if (delivery === undefined || frame.count !== this.#plans[i]?.words) {
      throw new AssertionError(`a frame of type ${frame.type} for ${this.receiver}`)
    }
    delivery(frame, receiver as Record<string, Method>)
  }

  /** A class that sends each message as a frame. */
  sender(): SenderClass<M> {
    class TableSender {
      readonly out: Outbox

      constructor(out: Outbox) {
        this.out = out
      }
    }
    this.#plans.forEach((plan, i) => {
      const value = methodOf(this.#first + i, plan)
      Object.defineProperty(TableSender.prototype, plan.name, { value })
    })
    return TableSender as unknown as SenderClass<M>
  }
}

/** A message, and where the fields of its row lie. */
interface Plan<N extends string = string> {
  readonly name: N
  readonly fields: readonly Field<unknown>[]
  /** The first word of each field, and the count of all. */
  readonly at: readonly number[]
  readonly words: number
  readonly hasBytes: boolean
  readonly hasText: boolean
}

function planOf([name, row]: [string, AnyRow]): Plan {
  const fields = row.filter((field) => field !== bytes)
  const at: number[] = []
  let words = 0
  for (const field of fields) {
    at.push(words)
    words += field.words
  }
  const hasText = fields.some((field) => field === text)
  assert(words <= FIELD_WORDS_MAX, `${name} has too many words`)
  assert(hasText || fields.length <= FIELDS_MAX, `${name} has too many fields`)
  return { name, fields, at, words, hasBytes: row.at(-1) === bytes, hasText }
}

/** Stands for the fields that a message does not have. */
const NONE: Field<unknown> = { words: 0, put: () => undefined, get: () => undefined }
const FIELDS_MAX = 4

interface Self {
  readonly out: Outbox
}

/** The method that sends one message. It uses neither an array of arguments nor a loop, so there is
 * no garbage. */
function methodOf(type: number, plan: Plan): Method {
  if (plan.hasText) return textMethodOf(type, plan)
  const { words, hasBytes } = plan
  const count = plan.fields.length
  const [f0 = NONE, f1 = NONE, f2 = NONE, f3 = NONE] = plan.fields
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = plan.at
  return function (
    this: Self,
    a: unknown,
    b: unknown,
    c: unknown,
    d: unknown,
    e: unknown,
    f: unknown,
    g: unknown,
  ): void {
    const { out } = this
    const { fields } = out
    if (count > 0) f0.put(fields, w0, a)
    if (count > 1) f1.put(fields, w1, b)
    if (count > 2) f2.put(fields, w2, c)
    if (count > 3) f3.put(fields, w3, d)
    if (!hasBytes) out.send(type, words)
    else if (count === 0) sendRange(out, type, words, a, b, c)
    else if (count === 1) sendRange(out, type, words, b, c, d)
    else if (count === 2) sendRange(out, type, words, c, d, e)
    else if (count === 3) sendRange(out, type, words, d, e, f)
    else sendRange(out, type, words, e, f, g)
  } as Method
}

function sendRange(
  out: Outbox,
  type: number,
  words: number,
  range: unknown,
  start: unknown,
  end: unknown,
): void {
  out.send(type, words, range as Uint8Array, start as number, end as number)
}

/** The same for the few messages that carry texts. */
function textMethodOf(type: number, { fields, at, words }: Plan): Method {
  return function (this: Self, ...values: unknown[]): void {
    const { out } = this
    let texts = ''
    fields.forEach((field, i) => {
      const word = at[i] ?? 0
      if (field !== text) {
        field.put(out.fields, word, values[i])
        return
      }
      out.fields[word] = utf8Bytes(values[i] as string).length
      texts += values[i]
    })
    out.send(type, words, utf8Bytes(texts))
  } as Method
}

/** The function that tells a receiver of one message. */
function deliveryOf<N extends string>(plan: Plan<N>): Delivery<Record<N, Method>> {
  const { name, hasBytes } = plan
  if (plan.hasText) return textDeliveryOf(plan)
  const [f0 = NONE, f1 = NONE, f2 = NONE, f3 = NONE] = plan.fields
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = plan.at
  const a = (f: FrameView): unknown => f0.get(f, w0)
  const b = (f: FrameView): unknown => f1.get(f, w1)
  const c = (f: FrameView): unknown => f2.get(f, w2)
  const d = (f: FrameView): unknown => f3.get(f, w3)
  const byCount: readonly Delivery<Record<N, Method>>[] = hasBytes
    ? [
        (f, to) => to[name](f.bytes, f.start, f.end),
        (f, to) => to[name](a(f), f.bytes, f.start, f.end),
        (f, to) => to[name](a(f), b(f), f.bytes, f.start, f.end),
        (f, to) => to[name](a(f), b(f), c(f), f.bytes, f.start, f.end),
        (f, to) => to[name](a(f), b(f), c(f), d(f), f.bytes, f.start, f.end),
      ]
    : [
        (_, to) => to[name](),
        (f, to) => to[name](a(f)),
        (f, to) => to[name](a(f), b(f)),
        (f, to) => to[name](a(f), b(f), c(f)),
        (f, to) => to[name](a(f), b(f), c(f), d(f)),
      ]
  const delivery = byCount[plan.fields.length]
  assert(delivery !== undefined, `${name} has too many fields`)
  return delivery
}

function textDeliveryOf<N extends string>(plan: Plan<N>): Delivery<Record<N, Method>> {
  const { name, fields, at } = plan
  return (frame, receiver) => {
    let start = frame.start
    const values = fields.map((field, i) => {
      const word = at[i] ?? 0
      if (field !== text) return field.get(frame, word)
      const from = start
      start += frame.int(word)
      return utf8(frame.bytes, from, start)
    })
    receiver[name](...values)
  }
}
