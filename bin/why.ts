// Tells the stories of a server's troubles, or of an ensemble's.
//
//   node dist/bin/why.js [--since 1h] [--all host:port,...] [--dir dataLogDir] [host:port]
//
// Exits with 0; with 1 if a server does not answer (the others' stories are told); and with 2 if it is called
// wrongly.

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { durationMs } from '../runtime/reports/why.ts'
import { type Fact, factOf } from '../runtime/why/fact.ts'
import { readFactFiles } from '../runtime/why/fact-files.ts'
import { ensembleText, mergeStories } from '../runtime/why/merge.ts'
import type { Story } from '../runtime/why/story.ts'
import { storyText } from '../runtime/why/story-text.ts'
import { tellStories } from '../runtime/why/teller.ts'

const DEFAULT_ADDRESS = '127.0.0.1:8080'
const ANSWER_MS_MAX = 5000
const STORIES_FOLDER = 'stories'
/** As long as facts are kept at most; a story is told from its beginning. */
const ALL = '9999d'
const USAGE =
  'usage: zkWhy.sh [--since 1h] [--all host:port,...] [--dir dataLogDir] [host:port of an admin server]'
const HELP = `${USAGE}

Tells what went wrong at a server (default ${DEFAULT_ADDRESS}), and the cause.

  --since 1h      how far back: 90s, 30m, 1h, 2d (default 1h)
  --all SERVERS   the stories of several members, joined into those of the ensemble
  --dir FOLDER    the stories that a server left in its dataLogDir; it need not run`

interface Told {
  readonly server: number
  readonly facts: readonly Fact[]
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(HELP)
    return 0
  }
  const asked = argumentsOf(args)
  if (typeof asked === 'string') {
    console.error(`${asked}\n${USAGE}`)
    return 2
  }
  const { sinceMs, addresses, folder, isMerged } = asked
  const told: Told[] = []
  let silent = 0
  if (folder !== null)
    told.push({ server: 0, facts: await readFactFiles(join(folder, STORIES_FOLDER)) })
  const answers = await Promise.allSettled(addresses.map(factsFrom))
  for (const [i, answer] of answers.entries()) {
    if (answer.status === 'fulfilled') told.push(answer.value)
    else {
      silent++
      console.error(`no answer from ${addresses[i]}: ${reasonOf(answer.reason)}`)
    }
  }
  const fromMs = Date.now() - sinceMs
  const stories = told.flatMap(({ server, facts }) => tellStories(facts, server))
  const recent = stories.filter(({ untilMs }) => untilMs === null || untilMs >= fromMs)
  print(recent, isMerged)
  return silent === 0 ? 0 : 1
}

function print(stories: readonly Story[], isMerged: boolean): void {
  const texts = isMerged ? mergeStories(stories).map(ensembleText) : stories.map(storyText)
  console.log(texts.length === 0 ? 'Nothing went wrong.' : texts.join('\n\n'))
}

function argumentsOf(
  args: readonly string[],
): { sinceMs: number; addresses: string[]; folder: string | null; isMerged: boolean } | string {
  const options = {
    since: { type: 'string', default: '1h' },
    all: { type: 'string' },
    dir: { type: 'string' },
  } as const
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    return reasonOf(error)
  }
  const { values, positionals } = parsed
  const sinceMs = durationMs(values.since)
  if (sinceMs === null) return `--since takes 90s, 30m, 1h or 2d, not ${values.since}`
  if (positionals.length > 1) return `one server at a time, or --all: ${positionals.join(' ')}`
  const all = values.all?.split(',') ?? []
  const alone = values.dir === undefined && values.all === undefined
  const addresses = alone ? [positionals[0] ?? DEFAULT_ADDRESS] : [...all, ...positionals]
  return { sinceMs, addresses, folder: values.dir ?? null, isMerged: values.all !== undefined }
}

async function factsFrom(address: string): Promise<Told> {
  const url = `http://${address}/commands/why?facts=true&since=${ALL}`
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
  const { server, facts } = (await response.json()) as { server?: unknown; facts?: unknown }
  if (typeof server !== 'number' || !Array.isArray(facts)) throw new Error('it knows no stories')
  const known = facts.map((fact) => factOf(JSON.stringify(fact))).filter((fact) => fact !== null)
  return { server, facts: known }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

process.exitCode = await main(process.argv.slice(2))
