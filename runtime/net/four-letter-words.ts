// Four-letter words: what operators ask on the client port with four bytes. Formats as ZooKeeper's
// (org.apache.zookeeper.server.command), because dashboards and health checks parse them.
//
// Most answers come from what the network loop has at hand and the actors' gauges; what only an
// actor knows (watches, sessions, digests) is a query that travels with everything else.

import { FOUR_LETTER_WORDS } from '../../config/four-letter-names.ts'
import type { ServerOptions } from '../../config/options.ts'
import { decodeControl } from '../../protocol/control.ts'
import {
  type DigestHistory,
  type EphemeralDump,
  Query,
  type SessionDump,
  type WatchesByPath,
  type WatchesBySession,
  type WatchSummary,
} from '../../protocol/messages/queries.ts'
import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import { FULL_VERSION } from '../process/version.ts'
import { nowMs, SystemClock } from '../shared/clock.ts'
import type { GaugeTable } from '../shared/gauges.ts'
import type { Counters } from '../topology.ts'
import type { CommandHandler } from './client-input.ts'
import { connectionLine, connectionSets } from './connection-report.ts'
import { dateText, doubleText } from './java-text.ts'
import { monitorText, proposalBytes } from './monitor-report.ts'
import type { NetworkLoop } from './network-loop.ts'
import { configurationText, environmentText, folderBytes } from './static-reports.ts'

/** What the words are answered from: a Server. */
export interface CommandSource {
  readonly options: ServerOptions
  readonly gauges: Pick<GaugeTable, 'read'>
  counters(): Counters
  readonly network: Pick<
    NetworkLoop,
    | 'connections'
    | 'connectionCount'
    | 'isServing'
    | 'servingMs'
    | 'mode'
    | 'outstanding'
    | 'port'
    | 'query'
    | 'refusals'
    | 'stats'
  >
}

type Answer = string | Promise<string> | AsyncIterable<string>

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests'
/** Kept for tools that set it; there is no trace that it selects from. ZooKeeper's default. */
const TRACE_MASK_DEFAULT = 306n
const WORD_BYTES = 4
const MASK_BYTES = 8

/** A handler for the network loop. The source is asked when a word comes, not before. */
export function fourLetterWords(source: CommandSource): CommandHandler {
  const words = new FourLetterWords(source)
  return (word, bytes) => words.answer(word, bytes)
}

class FourLetterWords {
  readonly #source: CommandSource
  readonly #startMs: number = nowMs()
  #traceMask = TRACE_MASK_DEFAULT

  constructor(source: CommandSource) {
    this.#source = source
  }

  /** `bytes` begin with the word. Null when it is none, and the bytes are something else. */
  answer(word: string, bytes: Uint8Array): ReturnType<CommandHandler> {
    if (!FOUR_LETTER_WORDS.includes(word)) return null
    return this.#answered(word, bytes)
  }

  /** What the system does not tell, or an actor any more, is nobody's answer and no harm. */
  async #answered(word: string, bytes: Uint8Array): Promise<string | AsyncIterable<string>> {
    return await this.#run(word, bytes)
  }

  #run(word: string, bytes: Uint8Array): Answer {
    if (!this.#source.options.fourLetterWords.has(word)) {
      return `${word} is not executed because it is not in the whitelist.\n`
    }
    if (word === 'ruok') return 'imok'
    if (word === 'gtmk') return String(this.#traceMask)
    if (word === 'stmk') return this.#setTraceMask(bytes)
    if (word === 'envi') return environmentText()
    const { isServing, mode } = this.#source.network
    if (!isServing || mode === 'looking') return notServing(word)
    return this.#report(word)
  }

  #setTraceMask(bytes: Uint8Array): string {
    if (bytes.length >= WORD_BYTES + MASK_BYTES) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      this.#traceMask = view.getBigInt64(WORD_BYTES)
    }
    return String(this.#traceMask)
  }

  #report(word: string): Answer {
    const { network, options } = this.#source
    switch (word) {
      case 'conf':
        return configurationText(options, network.port, network.mode)
      case 'cons':
        return `${this.#connections('full')}\n`
      case 'crst':
        return this.#resetConnections()
      case 'dirs':
        return this.#folders()
      case 'dump':
        return this.#dump()
      case 'hash':
        return this.#digests()
      case 'isro':
        return network.mode === 'read-only' ? 'ro' : 'rw'
      case 'mntr':
        return monitorText(this.#source, nowMs() - this.#startMs)
      case 'srst':
        network.stats.reset()
        return 'Server stats reset.\n'
      case 'srvr':
        return `${versionLine()}${this.#statistics()}`
      case 'stat':
        return `${versionLine()}Clients:\n${this.#connections('brief')}\n${this.#statistics()}`
      default:
        return this.#watches(word)
    }
  }

  #connections(detail: 'brief' | 'full'): string {
    let text = ''
    for (const connection of this.#source.network.connections()) {
      text += `${connectionLine(connection, detail)}\n`
    }
    return text
  }

  #resetConnections(): string {
    for (const connection of this.#source.network.connections()) connection.resetStats()
    return 'Connection stats reset.\n'
  }

  #statistics(): string {
    const { network, gauges } = this.#source
    const { stats } = network
    const min = Number.isFinite(stats.minLatencyMs) ? stats.minLatencyMs : 0
    const latency = `${min}/${doubleText(stats.averageLatencyMs)}/${stats.maxLatencyMs}`
    return (
      `Latency min/avg/max: ${latency}\n` +
      `Received: ${stats.packetsReceived}\n` +
      `Sent: ${stats.packetsSent}\n` +
      `Connections: ${network.connectionCount}\n` +
      `Outstanding: ${network.outstanding}\n` +
      `Zxid: ${formatZxid(gauges.read('lastZxid') as Zxid)}\n` +
      `Mode: ${network.mode}\n` +
      `Node count: ${gauges.read('znodes')}\n` +
      (network.mode === 'leader' ? proposalLine(gauges) : '')
    )
  }

  async #folders(): Promise<string> {
    const { dataDir, dataLogDir } = this.#source.options
    const [data, log] = await Promise.all([folderBytes(dataDir), folderBytes(dataLogDir)])
    return `datadir_size: ${data}\nlogdir_size: ${log}\n`
  }

  async *#dump(): AsyncGenerator<string> {
    const { network, options } = this.#source
    const connections = connectionSets(network.connections(), options.sessionlessCnxnTimeoutMs)
    const sessions = await this.#ask<SessionDump>(Query.sessions, 'sessions')
    yield `SessionTracker dump:\n${sessionSets(sessions)}`
    const parts = this.#parts<number | EphemeralDump>(Query.ephemerals, 'tree')
    const count = (await parts.next()).value
    yield `ephemeral nodes dump:\nSessions with Ephemerals (${count}):\n`
    yield* listed(parts as AsyncGenerator<EphemeralDump>, (id) => `0x${id}:\n`, plain)
    yield `Connections dump:\n${connections}`
  }

  async #digests(): Promise<string> {
    const history = await this.#ask<DigestHistory>(Query.digests, 'tree')
    return history.map(([zxid, digest]) => `${zxid}: ${digest}\n`).join('')
  }

  #watches(word: string): Answer {
    if (word === 'wchs') return this.#watchSummary()
    if (word === 'wchc') return this.#watchesBySession()
    return this.#watchesByPath()
  }

  async #watchSummary(): Promise<string> {
    const summary = await this.#ask<WatchSummary>(Query.watchSummary, 'tree')
    const [connections, paths, watches] = summary
    return `${connections} connections watching ${paths} paths\nTotal watches:${watches}\n`
  }

  async *#watchesBySession(): AsyncGenerator<string> {
    const parts = this.#parts<WatchesBySession>(Query.watchesBySession, 'tree')
    yield* listed(parts, (id) => `0x${id}\n`, plain)
    yield '\n'
  }

  async *#watchesByPath(): AsyncGenerator<string> {
    const parts = this.#parts<WatchesByPath>(Query.watchesByPath, 'tree')
    yield* listed(
      parts,
      (path) => `${path}\n`,
      (id) => `0x${id}`,
    )
    yield '\n'
  }

  /** The first part, and all there is. */
  async #ask<T>(query: Query, of: 'tree' | 'sessions'): Promise<T> {
    for await (const part of this.#parts<T>(query, of)) return part
    throw new Error('a question without an answer')
  }

  async *#parts<T>(query: Query, of: 'tree' | 'sessions'): AsyncGenerator<T> {
    for await (const part of this.#source.network.query(query, of)) yield decodeControl(part) as T
  }
}

type Lists = [name: string, items: string[]][]

/** A head for each name, however many parts its list has, and a line for each item. */
async function* listed(
  parts: AsyncIterable<Lists>,
  head: (name: string) => string,
  line: (item: string) => string,
): AsyncGenerator<string> {
  let last: string | null = null
  for await (const part of parts) {
    let text = ''
    for (const [name, items] of part) {
      if (name !== last) text += head(name)
      last = name
      text += indented(items.map(line))
    }
    if (text !== '') yield text
  }
}

function plain(item: string): string {
  return item
}

/** `hash` and `isro` never had a line's end. */
function notServing(word: string): string {
  if (word === 'isro') return 'null'
  return word === 'hash' ? NOT_SERVING : `${NOT_SERVING}\n`
}

function proposalLine(gauges: CommandSource['gauges']): string {
  const { last, min, max } = proposalBytes(gauges)
  return `Proposal sizes last/min/max: ${last}/${min}/${max}\n`
}

function versionLine(): string {
  return `Zookeeper version: ${FULL_VERSION}\n`
}

function sessionSets(dump: SessionDump): string {
  const clock = new SystemClock()
  const toWall = clock.wallMs - clock.nowMs
  const count = dump.reduce((sum, [, ids]) => sum + ids.length, 0)
  const sets = dump.map(([expiryMs, ids]) => {
    const head = `${ids.length} expire at ${dateText(expiryMs + toWall)}:\n`
    return head + indented(ids.map((id) => `0x${id}`))
  })
  return `Session Sets (${dump.length})/(${count}):\n${sets.join('')}`
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `\t${line}\n`).join('')
}
