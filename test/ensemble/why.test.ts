// Three processes, and what each kind of trouble is told as: the story names the true cause, also after
// the process that knew it was killed.

import { deepStrictEqual, match, ok } from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { Client } from '../../client/client.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import type { Member } from '../../perf/ensemble/member.ts'
import { readFactFiles } from '../../runtime/why/fact-files.ts'
import { type EnsembleStory, ensembleText, mergeStories } from '../../runtime/why/merge.ts'
import type { Story } from '../../runtime/why/story.ts'
import { tellStories } from '../../runtime/why/teller.ts'
import { ROOT } from '../bin/launch.ts'
import { DiskFaults, shimSkip } from '../support/disk-shim/disk-shim.ts'
import { removeFolder, temporaryFolder } from '../support/own-server.ts'
import { until } from '../support/until.ts'
import { persistently } from './load.ts'
import { Network } from './proxy.ts'

const WHOLE_MS_MAX = 60_000
const TOLD_MS_MAX = 60_000
const IDS = [1, 2, 3]
const SESSION_MS = 4000
const CLIENT = new URL('../../client/client.js', import.meta.url).href
/** A program that has a session, and says which. */
const PROGRAM = `
  import { Client } from '${CLIENT}'
  const client = new Client({ servers: process.argv[1], sessionTimeoutMs: ${SESSION_MS} })
  await client.create('/held', null, { mode: 1 })
  console.log((await client.exists('/held')).ephemeralOwner.toString(16))`

/** In a process of its own, with its session id in hex. */
async function startedClient({ address }: Member): Promise<[ChildProcess, string]> {
  const args = ['--input-type=module', '-e', PROGRAM, address]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return [child, `0x${line.toString().trim()}`]
}

describe('why', { skip: shimSkip }, () => {
  const folder = temporaryFolder()
  const disks = new Map<number, DiskFaults>()
  const network = new Network()
  let ensemble: Ensemble
  let sinceMs = 0

  before(async () => {
    for (const id of IDS) disks.set(id, await DiskFaults.prepare(folder, `disk-${id}`))
    ensemble = await Ensemble.prepare({
      ids: IDS,
      environment: (id) => disks.get(id)?.environment ?? {},
      route: (from, to, own) => network.route(from, to, own),
    })
    ensemble.start()
    await ensemble.whole(WHOLE_MS_MAX)
  })
  after(async () => {
    network.close()
    await ensemble?.end()
    removeFolder(folder)
  })

  const folderOf = (member: Member): string =>
    join(dirname(member.configuration), 'data', 'stories')

  /** Told since the test began. */
  async function stories(): Promise<Story[]> {
    const all = await Promise.all(
      ensemble.members.map(async (member) => {
        return tellStories(await readFactFiles(folderOf(member)), member.id)
      }),
    )
    return all.flat().filter(({ fromMs, untilMs }) => (untilMs ?? fromMs) >= sinceMs)
  }

  /** Waits for a story of the ensemble whose cause is of this kind. */
  async function toldAs(kind: EnsembleStory['causeKind']): Promise<EnsembleStory> {
    let merged: EnsembleStory[] = []
    const isTold = async (): Promise<boolean> => {
      merged = mergeStories(await stories())
      return merged.some(({ causeKind, untilMs }) => causeKind === kind && untilMs !== null)
    }
    try {
      await until(`it is told as ${kind}`, TOLD_MS_MAX, isTold)
    } catch (error) {
      throw new Error(merged.map(ensembleText).join('\n\n'), { cause: error })
    }
    return merged.find(({ causeKind }) => causeKind === kind)!
  }

  async function begin(): Promise<Member> {
    const leader = await ensemble.whole(WHOLE_MS_MAX)
    sinceMs = Date.now()
    return leader
  }

  const causesOf = (story: EnsembleStory, kind: Story['kind'], not: Member): Set<string> => {
    const parts = story.parts.filter((part) => part.kind === kind && part.server !== not.id)
    return new Set(parts.map(({ cause }) => cause.kind))
  }

  test('SIGKILL of the leader: its socket closed, and its process had ended without a stop', async (t) => {
    const leader = await begin()
    await leader.kill()
    leader.start()
    const story = await toldAs('ended-without-stop')
    t.diagnostic(story.cause)
    deepStrictEqual(story.server, leader.id)
    deepStrictEqual(causesOf(story, 'outage', leader), new Set(['peer-closed']))
    match(ensembleText(story), /is elected; the votes: \d for \d at 0x/)
  })

  test('SIGSTOP of the leader: the others heard nothing, and it knows that it stood still', async (t) => {
    const leader = await begin()
    leader.signal('SIGSTOP')
    const others = ensemble.members.filter((member) => member !== leader)
    await until('another leads', WHOLE_MS_MAX, async () => {
      const states = await Promise.all(others.map((member) => member.state()))
      return states.some((state) => state?.mode === 'leader')
    })
    leader.signal('SIGCONT')
    const story = await toldAs('stalled')
    t.diagnostic(story.cause)
    deepStrictEqual(story.server, leader.id)
    deepStrictEqual(causesOf(story, 'outage', leader), new Set(['peer-silent']))
  })

  test('a network that is cut: each heard nothing of the other, and nobody stood still', async (t) => {
    const leader = await begin()
    network.silence(leader.id, 'both')
    const others = ensemble.members.filter((member) => member !== leader)
    await until('another leads', WHOLE_MS_MAX, async () => {
      const states = await Promise.all(others.map((member) => member.state()))
      return states.some((state) => state?.mode === 'leader')
    })
    await until('the old one gives up', WHOLE_MS_MAX, async () => (await leader.state()) === null)
    network.heal()
    const story = await toldAs('link')
    t.diagnostic(story.cause)
    match(story.cause, new RegExp(`\\b${leader.id}\\b.* was cut`))
  })

  test('a slow disk: a write waited for its sync', async (t) => {
    const leader = await begin()
    const slow = {
      call: 'sync',
      path: 'version-2/log.',
      what: 'delay',
      ms: 2000,
    } as const
    // Of two, so that the quorum has to wait.
    for (const id of IDS) if (id !== leader.id) disks.get(id)!.set(slow)
    const client = new Client({ servers: leader.address, sessionTimeoutMs: 20_000 })
    await persistently(() => client.create('/slow', null))
    await client.close()
    const told = async (): Promise<Story | undefined> => {
      return (await stories()).find(({ kind, cause }) => kind === 'slow' && cause.kind === 'disk')
    }
    await until('the disk is named', TOLD_MS_MAX, async () => (await told()) !== undefined)
    const { words } = (await told())!.cause
    t.diagnostic(words)
    match(words, /^the log.s disk: a sync took 2\.\d/)
    for (const disk of disks.values()) disk.clear()
  })

  test('a full disk: the server says so before it ends, on that very disk', async (t) => {
    const leader = await begin()
    disks.get(leader.id)!.set({
      ...{ call: 'write', path: 'version-2/log.', what: 'error', code: 'ENOSPC' },
    } as const)
    const client = new Client({ servers: leader.address, sessionTimeoutMs: 20_000 })
    client.create('/full', null).catch(() => undefined)
    await until('it has ended', WHOLE_MS_MAX, () => !leader.isRunning)
    client.connection.abandon()
    disks.get(leader.id)!.clear()
    leader.start()
    const story = await toldAs('failed')
    t.diagnostic(story.cause)
    deepStrictEqual(story.server, leader.id)
    match(ensembleText(story), /ENOSPC/)
  })

  test('a paused client: its session, its address, for how long it said nothing', async (t) => {
    const leader = await begin()
    const [client, sessionId] = await startedClient(leader)
    client.kill('SIGSTOP')
    const lost = async (): Promise<Story | undefined> => {
      return (await stories()).find(({ kind }) => kind === 'sessions')
    }
    await until('its session is lost', TOLD_MS_MAX, async () => (await lost()) !== undefined)
    client.kill('SIGKILL')
    const story = (await lost())!
    t.diagnostic(story.cause.words)
    deepStrictEqual(story.cause.kind, 'client-silent')
    const [fact] = story.facts
    deepStrictEqual(fact?.fields['session'], sessionId)
    match(String(fact?.fields['client']), /^127\.0\.0\.1:\d+$/)
    ok(Number(fact?.fields['silentMs']) >= SESSION_MS)
  })

  test('the script tells the same', async () => {
    const [member] = ensemble.members
    const dir = dirname(folderOf(member!))
    const { stdout } = await promisify(execFile)(join(ROOT, 'bin/zkWhy.sh'), ['--dir', dir])
    match(stdout, /its first start/)
    match(stdout, /looks for a leader and votes for/)
  })
})
