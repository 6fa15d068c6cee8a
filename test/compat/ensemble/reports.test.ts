// What the members of an ensemble tell operators, Apache's and ours: each four-letter word and each command
// of the admin server, by role. Both kinds lead in turn, with a follower and an observer of each kind. The
// answers must have the same keys, with values of the same types. What differs on purpose is listed.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Client } from '../../../client/client.ts'
import { FOUR_LETTER_WORDS } from '../../../config/four-letter-names.ts'
import { freePort } from '../../../perf/ensemble/ports.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import { COMMANDS } from '../../../runtime/admin/commands.ts'
import { APACHE_MISSING } from '../../support/apache.ts'
import { until } from '../../support/until.ts'
import { entriesOf, leftOutNames, metricNames, shapeOf, templateOf } from '../report-shapes.ts'
import type { Kind, Member, Mode } from './member.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'

const HOST = '127.0.0.1'
const ADMIN_MS_MAX = 60_000
const OBSERVERS = [4, 5] as const
/** Ours alone, or of versions after 3.8. */
const OWN = ['changes', 'hand_over', 'shed_connections', 'snapshot', 'top', 'why']
/** They answer with a line that words.test.ts compares. */
const ACTS = ['crst', 'srst', 'stmk', 'connection_stat_reset', 'stat_reset', 'set_trace_mask']
const COMMANDS_COMPARED = COMMANDS.map(({ name }) => name).filter(
  (name) => ![...OWN, ...ACTS, 'monitor', 'system_properties'].includes(name),
)
const WORDS_COMPARED = FOUR_LETTER_WORDS.filter((word) => ![...ACTS, 'mntr'].includes(word))
/** What differs on purpose: keys of theirs that ours has not, for Java's way with connections ... */
const LEFT_OUT = /^server_stats\.(non_mtls(local|remote)_conn_count|provider_null): /
/** ... buckets that have emptied, which Java keeps for a while ... */
const EMPTY_BUCKETS = 'expiry_time_to_session_ids.N[]: null'
/** ... and the text of the file that a member was started with, which theirs tells only when it stands alone. */
const FILE = /^initial_configuration: /
/** Values of these words are texts of each server's own: their keys count. */
const ENTRIES: Readonly<Record<string, string>> = { conf: '=', envi: '=' }

/** Of sets: with labels in Prometheus, or left out. */
const IN_SETS = /_(per_namespace|ack_latency|learner_handler_qp_(size|time_ms))$/

/** By command or word: keys and types. */
type Shapes = ReadonlyMap<string, unknown>

describe('reports of members, Apache’s and ours', { skip: APACHE_MISSING }, () => {
  const adminPorts = new Map<number, number>()
  const shapes = new Map<string, Shapes>()
  let ensemble: MixedEnsemble

  before(async () => {
    const kinds = ['ours', 'apache', 'ours', 'ours', 'apache'] as const
    ensemble = await MixedEnsemble.prepare({ kinds, observers: OBSERVERS })
    for (const member of ensemble.members) {
      const port = await freePort()
      adminPorts.set(member.id, port)
      const lines = ['enableServer=true', `serverAddress=${HOST}`, `serverPort=${port}`]
      member.configure(...lines.map((line) => `admin.${line}`))
    }
    await ensemble.start(3)
    await noteAll()
    const old = ensemble.member(3)
    await old.kill()
    await ensemble.member(2).serves('leader')
    await ensemble.serves()
    old.start()
    await old.serves('follower')
    await noteAll()
  })
  after(async () => {
    await ensemble?.stop()
  })

  async function command(member: Member, name: string): Promise<Record<string, unknown>> {
    const url = `http://${HOST}:${adminPorts.get(member.id)}/commands/${name}`
    let record: Record<string, unknown> | null = null
    await until(`${member.name} answers ${name}`, ADMIN_MS_MAX, async () => {
      const response = await fetch(url).catch(() => null)
      record = response === null ? null : ((await response.json()) as Record<string, unknown>)
      return record !== null
    })
    return record!
  }

  /** What each member says now. Each has a session of its own, with an ephemeral node and a watch. */
  async function noteAll(): Promise<void> {
    const clients: Client[] = []
    for (const member of ensemble.members) {
      const client = ensemble.client(member)
      clients.push(client)
      await client.create(`/of-${member.id}`, null, { mode: CreateMode.ephemeral })
      await client.exists('/nothing', () => undefined)
    }
    for (const member of ensemble.members) {
      shapes.set(`${await member.mode()} ${member.kind}`, await shapesOf(member))
    }
    for (const client of clients) await client.close()
  }

  async function shapesOf(member: Member): Promise<Shapes> {
    const found = new Map<string, unknown>()
    for (const name of COMMANDS_COMPARED) {
      const shape = shapeOf(await command(member, name)).filter(
        (key) => !LEFT_OUT.test(key) && !FILE.test(key) && key !== EMPTY_BUCKETS,
      )
      found.set(name, shape)
    }
    for (const word of WORDS_COMPARED) {
      found.set(`the word ${word}`, wordShape(word, await member.word(word)))
    }
    found.set('mntr', await member.word('mntr'))
    return found
  }

  const noted = (mode: Mode, kind: Kind): Shapes => shapes.get(`${mode} ${kind}`) ?? new Map()

  for (const mode of ['leader', 'follower', 'observer'] as const) {
    for (const name of [
      ...COMMANDS_COMPARED,
      ...WORDS_COMPARED.map((word) => `the word ${word}`),
    ]) {
      test(`${mode}, ${name}`, () => {
        ok(noted(mode, 'apache').has(name))
        deepStrictEqual(noted(mode, 'ours').get(name), noted(mode, 'apache').get(name))
      })
    }
    test(`${mode}, mntr: each of their metrics, by name and type`, () => {
      const [ours, theirs] = (['ours', 'apache'] as const).map((kind) => {
        return entriesOf(String(noted(mode, kind).get('mntr')), '\t')
      })
      const names = (entries: readonly string[] = []): string[] => {
        return metricNames(entries.map((entry) => entry.replace(/^zk_/, '').split('\t')[0]!))
      }
      ok(names(theirs).length > 100)
      const have = new Set([...names(ours), ...leftOutNames()])
      const missing = names(theirs).filter((name) => !have.has(name) && !IN_SETS.test(name))
      deepStrictEqual([...new Set(missing)], [])
    })
  }

  test('observers: ours lists them as theirs does, and counts anew after a reset', async () => {
    const [old, next] = [ensemble.member(2), ensemble.member(3)]
    strictEqual((await command(old, 'observers'))['synced_observers'], OBSERVERS.length)
    await old.kill()
    await next.serves('leader')
    await ensemble.serves()
    const rows = async (): Promise<Record<string, unknown>[]> => {
      const { observers } = await command(next, 'observers')
      return observers as Record<string, unknown>[]
    }
    const isWhole = async (): Promise<boolean> => (await rows()).length === OBSERVERS.length
    await until('both observers are there', ADMIN_MS_MAX, isWhole)
    const [id] = OBSERVERS
    const requests = async (): Promise<number> => {
      return Number((await rows()).find(({ sid }) => sid === id)?.['requests'])
    }
    const before = await requests()
    await ensemble.with(ensemble.member(id), (client) => client.create('/through-it', null))
    ok((await requests()) > before)
    await command(next, 'orst')
    strictEqual(await requests(), 0)
  })
})

function wordShape(word: string, text: string): unknown {
  const between = ENTRIES[word]
  if (between !== undefined) return entriesOf(text, between)
  if (word === 'hash') return null
  const template = templateOf(text).replace(/^N expire at TIME:\n(?!\t)/gm, '')
  // How many there are of a kind is a matter of when we look; the order is Java's, which is none.
  return [...new Set(template.split('\n'))].toSorted()
}
