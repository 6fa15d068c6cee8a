// Four-letter words and Apache's, word by word: both servers are driven into the same state, and the
// answers must have the same lines and keys, with values of the same types. What differs on purpose is
// listed. test/compat/ensemble/reports.test.ts does the same for the members of an ensemble.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from '../../client/client.ts'
import { FOUR_LETTER_WORDS } from '../../config/four-letter-names.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import { fourLetterWords } from '../../runtime/net/words/four-letter-words.ts'
import { ask } from '../bin/launch.ts'
import { APACHE_MISSING, ApacheServer } from '../support/apache.ts'
import { OwnServer } from '../support/own-server.ts'
import {
  entriesOf,
  IN_PROMETHEUS,
  leftOutNames,
  metricNames,
  OLD_METRICS,
  templateOf,
} from './report-shapes.ts'

const NO_BYTES = new Uint8Array(0)
const SESSION_MS = 20_000
/** ZooKeeper notes a digest every 128 transactions. */
const WRITES = 300
const MASK = 258
/** They are compared below, each in its own way. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['mntr', 'stmk'])
/** Some lines have values that are texts of each server's own: their keys count. */
const ENTRIES: Readonly<Record<string, string>> = { conf: '=', envi: '=' }
/** What differs on purpose. */
const ALIKE: Readonly<Record<string, (template: string) => string>> = {
  // Java's connections are in no order.
  cons: sortedLines,
  stat: sortedLines,
  // Java keeps buckets of sessions and connections that have emptied for a while.
  dump: (template) => template.replace(/^N expire at TIME:\n(?!\t)/gm, ''),
}

async function drive(address: string): Promise<Client> {
  const client = new Client({ servers: address, sessionTimeoutMs: SESSION_MS })
  await client.create('/a', NO_BYTES)
  await client.create('/a/e', NO_BYTES, { mode: CreateMode.ephemeral })
  await client.exists('/a/b', () => undefined)
  await Promise.all(Array.from({ length: WRITES }, () => client.set('/a', NO_BYTES)))
  return client
}

describe('four-letter words and Apache’s', { skip: APACHE_MISSING }, () => {
  let theirs: ApacheServer
  let ours: OwnServer
  let clients: Client[]

  before(async () => {
    theirs = await ApacheServer.start({ configuration: ['4lw.commands.whitelist=*'] })
    const words = new Set(FOUR_LETTER_WORDS)
    ours = await OwnServer.start({ fourLetterWords: words }, (server) => fourLetterWords(server))
    clients = await Promise.all([drive(theirs.address), drive(ours.address)])
  })
  after(async () => {
    for (const client of clients ?? []) await client.close()
    await ours?.stop()
    await theirs?.stop()
  })

  const answers = (bytes: string | Uint8Array): Promise<[ours: string, theirs: string]> => {
    return Promise.all([ask(ours.port, bytes), ask(theirs.port, bytes)])
  }

  for (const word of FOUR_LETTER_WORDS.filter((each) => !NOT_COMPARED.has(each))) {
    test(word, async () => {
      const [our, their] = await answers(word)
      ok(their.length > 0, 'Apache says something')
      const between = ENTRIES[word]
      if (between !== undefined) deepStrictEqual(entriesOf(our, between), entriesOf(their, between))
      const alike = ALIKE[word] ?? ((template) => template)
      if (between === undefined) strictEqual(alike(templateOf(our)), alike(templateOf(their)))
    })
  }

  test('with a line end, and with more behind it', async () => {
    for (const bytes of ['ruok\n', 'ruok\r\n', 'isro\n']) {
      const [our, their] = await answers(bytes)
      strictEqual(our, their, JSON.stringify(bytes))
    }
  })

  test('stmk: the mask that follows is taken, and told', async () => {
    const bytes = Buffer.alloc('stmk'.length + 8)
    bytes.write('stmk')
    bytes.writeBigInt64BE(BigInt(MASK), 'stmk'.length)
    const [our, their] = await answers(bytes)
    deepStrictEqual([our, our], [their, String(MASK)])
    const [our2, their2] = await answers('gtmk')
    deepStrictEqual([our2, our2], [their2, String(MASK)])
  })

  test('stmk without a mask: theirs ends the connection, and ours tells the mask', async () => {
    const [our, their] = await answers('stmk')
    const [ourMask] = await answers('gtmk')
    deepStrictEqual([our, their], [ourMask, ''])
  })

  test('a word that does not exist ends the connection', async () => {
    const [our, their] = await answers('nope')
    deepStrictEqual([our, our], [their, ''])
  })

  test('mntr: each of their metrics, by name and type, or the reason why not', async () => {
    const [our, their] = await answers('mntr')
    const ourTypes = typesIn(our)
    const theirTypes = typesIn(their)
    ok(theirTypes.size > 200, `${theirTypes.size}`)
    const leftOut = leftOutNames()
    const isLeftOut = (key: string): boolean => {
      const [name = ''] = metricNames([key, `cnt_${key.replace(/^[a-z0-9]+_/, '')}`])
      return leftOut.has(name) || IN_PROMETHEUS.test(key)
    }
    const differences = [...theirTypes]
      .filter(([key, type]) => ourTypes.get(key) !== type && !isLeftOut(key))
      .map(([key, type]) => `${key}: ${type}, ours ${ourTypes.get(key)}`)
    // Waits in rings have neither quantiles nor a minimum.
    const ofWaits = /^(min|p\d+)_(prep|sync)_processor_queue_time_ms: /
    deepStrictEqual(
      differences.filter((line) => !ofWaits.test(line)),
      [],
    )
    // And none is made up under a name that ZooKeeper would have.
    const own = [...ourTypes.keys()].filter((key) => !theirTypes.has(key))
    deepStrictEqual(
      own.filter((key) => !key.startsWith('ringkeeper_')),
      OLD_METRICS,
    )
  })
})

function sortedLines(text: string): string {
  return text.split('\n').toSorted().join('\n')
}

/** Name without `zk_`, and what kind of number or text its value is. */
function typesIn(mntr: string): Map<string, string> {
  return new Map(
    entriesOf(mntr, '\t').map((line) => {
      const [name = '', type = ''] = line.replace(/^zk_/, '').split('\t')
      return [name, type]
    }),
  )
}
