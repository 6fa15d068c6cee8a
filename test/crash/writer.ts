// One client's writes, pipelined, and what must be true of them after a crash.
//
// Below its root a writer has
//   counter      set to 1, 2, 3 ...: at least the last acknowledged, at most the last sent
//   n-<k>        created one after the other: a prefix of those sent, with all acknowledged
//   pair-<k>-a   and -b, created by one multi, or both missing; likewise both replaced
//   e-<k>        ephemeral: not checked but for its end
//
// A writer's requests are in order, so what survives of them is a prefix: that is checked too.

import { ok, strictEqual } from 'node:assert/strict'
import type { Client } from '../../client/client.ts'
import { createOp, setOp } from '../../client/operations.ts'
import { isZkError } from '../../client/zk-error.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import type { Random } from '../support/random.ts'

const IN_FLIGHT_MAX = 32
const LARGE_BYTES = 100_000
const KINDS = 16

/** A write by its place in the writer's order. */
interface Write {
  readonly kind: 'set' | 'create' | 'pair'
  /** The number that its path or data ends in. */
  readonly number: number
}

export class Writer {
  readonly root: string
  acknowledged = 0
  readonly #random: Random
  #number = 0
  /** Since the last check, in order of sending. */
  #sent: Write[] = []
  /** How many of `#sent` have been acknowledged: always the first ones. */
  #known = 0
  #counter = 0
  readonly #nodes: Set<number> = new Set()
  readonly #pairs: Set<number> = new Set()

  constructor(root: string, random: Random) {
    this.root = root
    this.#random = random
  }

  /** Writes until the connection is lost. */
  async write(client: Client): Promise<void> {
    const counter = `${this.root}/counter`
    if (this.#counter === 0 && (await client.exists(counter)) === null) {
      await client.create(counter, Buffer.from('0')).catch(ignoreLoss)
    }
    let lost = false
    let inFlight = 0
    let wake = (): void => {}
    while (!lost) {
      inFlight++
      this.#send(client).then(
        () => {
          inFlight--
          wake()
        },
        (error: unknown) => {
          inFlight--
          lost = true
          wake()
          ignoreLoss(error)
        },
      )
      if (inFlight >= IN_FLIGHT_MAX) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
    while (inFlight > 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  async #send(client: Client): Promise<void> {
    const kind = this.#random(KINDS)
    if (kind === 0) {
      const path = `${this.root}/e-${++this.#number}`
      await client.create(path, null, { mode: CreateMode.ephemeral })
      this.acknowledged++
      return
    }
    const number = ++this.#number
    const write: Write = {
      kind: kind < 7 ? 'set' : kind < 11 ? 'create' : 'pair',
      number,
    }
    const at = this.#sent.push(write)
    await this.#perform(client, write)
    ok(this.#known < at, 'acknowledged out of order')
    this.#known = at
    this.acknowledged++
  }

  #perform(client: Client, { kind, number }: Write): Promise<unknown> {
    const data = Buffer.from(`${number}`)
    if (kind === 'set') return client.set(`${this.root}/counter`, data)
    if (kind === 'create') {
      const size = this.#random(50) === 0 ? LARGE_BYTES : 0
      const large = Buffer.concat([data, Buffer.from(';'), Buffer.alloc(size, 'x')])
      return client.create(`${this.root}/n-${number}`, large)
    }
    return client.multi([
      createOp(`${this.root}/pair-${number}-a`, data),
      setOp(`${this.root}/counter`, data),
      createOp(`${this.root}/pair-${number}-b`, data),
    ])
  }

  /** What a server has after a crash, against what was sent and acknowledged. */
  async check(client: Client, round: number): Promise<void> {
    const { children } = await client.getChildren(this.root)
    const found = new Set(children)
    const where = `${this.root} after crash ${round}`
    const survived = this.#survived(found)
    ok(survived >= this.#known, `${where}: ${survived} of ${this.#known} acknowledged are there`)
    for (const { kind, number } of this.#sent.slice(0, survived)) {
      if (kind === 'create') this.#nodes.add(number)
      if (kind === 'pair') this.#pairs.add(number)
    }
    await this.#checkCounter(client, where, survived)
    for (const name of found) {
      const [kind, number] = name.split('-')
      if (kind === 'n') ok(this.#nodes.has(Number(number)), `${where}: ${name} out of nowhere`)
      if (kind === 'pair') ok(this.#pairs.has(Number(number)), `${where}: ${name} out of nowhere`)
    }
    for (const number of this.#nodes) ok(found.has(`n-${number}`), `${where}: n-${number} is lost`)
    for (const number of this.#pairs) {
      const both = found.has(`pair-${number}-a`) && found.has(`pair-${number}-b`)
      ok(both, `${where}: pair-${number} is not whole`)
    }
    await this.#forget(client)
  }

  /** How many of the writes sent since the last check happened, from the first on. Those with
   * nodes tell; sets between two of them must have happened as well. */
  #survived(found: ReadonlySet<string>): number {
    let survived = this.#known
    for (const [i, { kind, number }] of this.#sent.entries()) {
      const there =
        (kind === 'create' && found.has(`n-${number}`)) ||
        (kind === 'pair' && found.has(`pair-${number}-a`))
      if (there) survived = Math.max(survived, i + 1)
    }
    return survived
  }

  /** The last surviving set or multi, or a set after it that was not acknowledged. */
  async #checkCounter(client: Client, where: string, survived: number): Promise<void> {
    const stat = await client.exists(`${this.root}/counter`)
    if (stat === null) {
      strictEqual(this.#counter + this.#known, 0, `${where}: no counter`)
      this.#sent = []
      return
    }
    const { data } = await client.get(`${this.root}/counter`)
    const value = Number(Buffer.from(data ?? []).toString())
    const allowed = new Set<number>()
    let last = this.#counter
    for (const [i, { kind, number }] of this.#sent.entries()) {
      if (kind === 'create') continue
      if (i < survived) last = number
      else if (kind === 'set') allowed.add(number)
      else break
    }
    allowed.add(last)
    ok(allowed.has(value), `${where}: the counter is ${value}, not one of ${[...allowed]}`)
    this.#counter = value
    this.#sent = []
    this.#known = 0
  }

  /** Keeps the tree small: half of the nodes are deleted, the pairs together. */
  async #forget(client: Client): Promise<void> {
    const deletions: Promise<void>[] = []
    for (const number of this.#nodes) {
      if (this.#random(2) === 0) continue
      this.#nodes.delete(number)
      deletions.push(client.delete(`${this.root}/n-${number}`))
    }
    for (const number of this.#pairs) {
      if (this.#random(2) === 0) continue
      this.#pairs.delete(number)
      deletions.push(client.delete(`${this.root}/pair-${number}-a`))
      deletions.push(client.delete(`${this.root}/pair-${number}-b`))
    }
    await Promise.all(deletions)
  }
}

function ignoreLoss(error: unknown): void {
  if (!isZkError(error, ErrorCode.connectionLoss) && !isZkError(error, ErrorCode.sessionExpired)) {
    throw error
  }
}
