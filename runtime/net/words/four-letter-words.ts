// Four-letter words: what operators ask on the client port with four bytes. A word stands for a
// report (runtime/reports), rendered as ZooKeeper's text (org.apache.zookeeper.server.command),
// because dashboards and health checks parse that.

import { FOUR_LETTER_WORDS } from '../../../config/four-letter-names.ts'
import { formatSessionId } from '../../../protocol/session-id.ts'
import { connections, connectionsBrief } from '../../reports/connections.ts'
import { digests } from '../../reports/digests.ts'
import { environment } from '../../reports/environment.ts'
import { folders } from '../../reports/folders.ts'
import { monitor } from '../../reports/monitor.ts'
import { readOnly } from '../../reports/read-only.ts'
import { resetConnectionStats, resetServerStats } from '../../reports/resets.ts'
import { serverStats } from '../../reports/server-stats.ts'
import { isServing, NOT_SERVING, type ReportSource } from '../../reports/source.ts'
import { setTraceMask, traceMask } from '../../reports/trace-mask.ts'
import { watches, watchesByPath, watchSummary } from '../../reports/watches.ts'
import type { Answer, CommandHandler } from '../input/client-input.ts'
import { configurationText } from './configuration-text.ts'
import { connectionsText } from './connection-text.ts'
import { dumpText } from './dump-text.ts'
import { listsText } from './lists-text.ts'
import { statisticsText } from './statistics-text.ts'

type Text = string | Promise<string> | AsyncIterable<string>

const WORD_BYTES = 4
const MASK_BYTES = 8

/** The words that a server answers even while it serves nobody. `rest` is what came with the
 * word. */
const ALWAYS: Readonly<Record<string, (source: ReportSource, rest: Uint8Array) => Text>> = {
  envi: () => `Environment:\n${entriesText(environment(), '=')}`,
  gtmk: (source) => String(traceMask(source).tracemask),
  ruok: () => 'imok',
  stmk: traceMaskText,
}

const WHILE_SERVING: Readonly<Record<string, (source: ReportSource) => Text>> = {
  conf: configurationText,
  cons: (source) => connectionsText(connections(source)),
  crst: (source) => {
    resetConnectionStats(source)
    return 'Connection stats reset.\n'
  },
  dirs: async (source) => entriesText(await folders(source), ': '),
  dump: dumpText,
  hash: digestsText,
  isro: (source) => (readOnly(source).read_only ? 'ro' : 'rw'),
  mntr: (source) => entriesText(monitor(source), '\t', 'zk_'),
  srst: (source) => {
    resetServerStats(source)
    return 'Server stats reset.\n'
  },
  srvr: (source) => versionText(source) + statisticsText(serverStats(source)),
  stat: statText,
  wchc: watchesText,
  wchp: watchesByPathText,
  wchs: watchSummaryText,
}

/** A handler for the network loop. It asks the source when a word comes, not before. */
export function fourLetterWords(source: ReportSource): CommandHandler {
  // Null if it is no word: then the bytes are something else.
  return (word, bytes) => (FOUR_LETTER_WORDS.includes(word) ? answer(source, word, bytes) : null)
}

/** If the system does not tell, or an actor no longer answers, the answer is empty, and nothing
 * else happens. `bytes` begin with the word. */
function answer(source: ReportSource, word: string, bytes: Uint8Array): Answer {
  try {
    const text = textOf(source, word, bytes)
    return typeof text === 'string' ? text : Promise.resolve(text)
  } catch (error) {
    return Promise.reject(error)
  }
}

function textOf(source: ReportSource, word: string, bytes: Uint8Array): Text {
  if (!source.options.fourLetterWords.has(word)) {
    return `${word} is not executed because it is not in the whitelist.\n`
  }
  const always = ALWAYS[word]
  if (always !== undefined) return always(source, bytes.subarray(WORD_BYTES))
  if (!isServing(source)) return notServingText(word)
  return WHILE_SERVING[word]?.(source) ?? ''
}

/** In ZooKeeper's answers `hash` and `isro` have no line end. */
function notServingText(word: string): string {
  if (word === 'isro') return 'null'
  return word === 'hash' ? NOT_SERVING : `${NOT_SERVING}\n`
}

function entriesText(report: object, between: string, before: string = ''): string {
  return Object.entries(report)
    .map(([key, value]) => `${before}${key}${between}${value}\n`)
    .join('')
}

function traceMaskText(source: ReportSource, rest: Uint8Array): string {
  if (rest.length >= MASK_BYTES) {
    setTraceMask(source, new DataView(rest.buffer, rest.byteOffset).getBigInt64(0))
  }
  return String(traceMask(source).tracemask)
}

function versionText(source: ReportSource): string {
  return `Zookeeper version: ${serverStats(source).version}\n`
}

async function* statText(source: ReportSource): AsyncGenerator<string> {
  yield `${versionText(source)}Clients:\n`
  yield* connectionsText(connectionsBrief(source))
  yield statisticsText(serverStats(source))
}

async function digestsText(source: ReportSource): Promise<string> {
  const { digests: rows } = await digests(source)
  // DigestCommand: one in hex, the other decimal.
  return rows.map(({ zxid, digest }) => `${zxid.toString(16)}: ${digest}\n`).join('')
}

async function watchSummaryText(source: ReportSource): Promise<string> {
  const { num_connections, num_paths, num_total_watches } = await watchSummary(source)
  const watching = `${num_connections} connections watching ${num_paths} paths`
  return `${watching}\nTotal watches:${num_total_watches}\n`
}

async function* watchesText(source: ReportSource): AsyncGenerator<string> {
  yield* listsText(watches(source).session_id_to_watched_paths, {
    head: ({ name }) => formatSessionId(name),
    line: (path) => path,
  })
  yield '\n'
}

async function* watchesByPathText(source: ReportSource): AsyncGenerator<string> {
  yield* listsText(watchesByPath(source).path_to_session_ids, {
    head: ({ name }) => name,
    line: formatSessionId,
  })
  yield '\n'
}
