// The command `shed_connections` of ZooKeeper 3.10: closes a share of the clients' connections, drawn at
// random, so that the clients connect to other servers. Their sessions go on. It is for administrators
// (ShedConnectionsCommand).

import type { ClientConnection } from '../net/client-connection.ts'
import type { ReportSource } from '../reports/source.ts'
import { refusalOf } from './authorization.ts'
import type { Asked, Page } from './http-listener.ts'
import { jsonText } from './json-text.ts'

const COMMAND = 'shed_connections'
const PERCENT_MAX = 100
const BODY_BYTES_MAX = 16_384

export class ShedCommand {
  readonly #source: ReportSource
  readonly #random: (bound: number) => number

  /** `random`: an integer from 0 to below its bound. */
  constructor(source: ReportSource, random: (bound: number) => number) {
    this.#source = source
    this.#random = random
  }

  /** The body is `{"percentage": 0..100}`. */
  async page(asked: Asked): Promise<Page> {
    const refused = await refusalOf(this.#source, asked)
    if (refused !== null) return page(refused.status, { command: COMMAND, error: refused.error })
    const percentage = percentageIn(await asked.text(BODY_BYTES_MAX))
    if (typeof percentage === 'string') return page(400, { error: percentage, command: COMMAND })
    const connections_shed = this.#shed(percentage)
    const done = { connections_shed, percentage_requested: percentage }
    return page(200, { ...done, command: COMMAND, error: null })
  }

  #shed(percentage: number): number {
    const { network } = this.#source
    const open = [...network.connections()].filter(({ state }) => state === 'open')
    const count = Math.round((open.length * percentage) / PERCENT_MAX)
    for (const { slot } of draw(open, count, this.#random)) network.close(slot)
    return count
  }
}

/** `count` of them, each as likely as any other: the first steps of a shuffle. */
function draw(
  all: ClientConnection[],
  count: number,
  random: (bound: number) => number,
): ClientConnection[] {
  for (let i = 0; i < count; i++) {
    const other = i + random(all.length - i)
    ;[all[i], all[other]] = [all[other]!, all[i]!]
  }
  return all.slice(0, count)
}

/** The percentage, or what is wrong with the body. Null: the body is too long, or no text. */
function percentageIn(body: string | null): number | string {
  if (body === null)
    return 'Invalid JSON or failed to read request body: it is too long, or not UTF-8'
  if (body === '') return 'Request body is required'
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (error) {
    return `Invalid JSON or failed to read request body: ${(error as Error).message}`
  }
  const percentage = (value as { percentage?: unknown } | null)?.percentage
  if (percentage === undefined) return 'Missing required field: percentage'
  const isGood = Number.isInteger(percentage) && Number(percentage) >= 0
  if (!isGood || Number(percentage) > PERCENT_MAX) return 'Percentage must be between 0 and 100'
  return Number(percentage)
}

function page(status: number, record: object): Page {
  return { status, type: 'application/json', body: jsonText(record) }
}
