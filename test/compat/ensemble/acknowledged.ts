// A client that writes as fast as it is answered, and what must be there of it afterwards: what was
// acknowledged, wherever one looks.

import { ok, strictEqual } from 'node:assert/strict'
import type { Client } from '../../../client/client.ts'
import { isZkError } from '../../../client/zk-error.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import { until, within } from '../../support/until.ts'

const IN_FLIGHT = 8
const WRITES_MS_MAX = 60_000

export class Writer {
  readonly root: string
  readonly #client: Client
  readonly #acknowledged: Set<string> = new Set()
  #number = 0
  #stopping = false
  #running: Promise<unknown> = Promise.resolve()

  constructor(root: string, client: Client) {
    this.root = root
    this.#client = client
  }

  get acknowledged(): number {
    return this.#acknowledged.size
  }

  /** Writes until `stop`, or until its session is over. */
  async start(): Promise<void> {
    await this.#client.create(this.root, null)
    this.#running = Promise.all(Array.from({ length: IN_FLIGHT }, () => this.#write()))
  }

  /** Resolves when so many more writes have been acknowledged. */
  async goesOn(count: number): Promise<void> {
    const wanted = this.acknowledged + count
    await until(`${count} more writes`, WRITES_MS_MAX, () => this.acknowledged >= wanted)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await within('the last writes', WRITES_MS_MAX, this.#running)
  }

  /** Everything acknowledged is in this tree. */
  check(tree: ReadonlyMap<string, unknown>): void {
    ok(this.#acknowledged.size > 0)
    const missing = [...this.#acknowledged].filter((path) => !tree.has(path))
    strictEqual(missing.length, 0, `acknowledged and lost: ${missing.slice(0, 5)}`)
  }

  async #write(): Promise<void> {
    while (!this.#stopping) {
      const mode = this.#number % 4 === 0 ? CreateMode.persistentSequential : CreateMode.persistent
      const path = `${this.root}/${this.#number++}-`
      try {
        this.#acknowledged.add(await this.#client.create(path, Buffer.from(path), { mode }))
      } catch (error) {
        if (isZkError(error, ErrorCode.connectionLoss)) continue
        if (isZkError(error, ErrorCode.sessionExpired) && this.#stopping) return
        throw error
      }
    }
  }
}
