// npm run flame, for a second: its report has every thread by name, with what that thread runs, and
// clinic's pages.

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ACTORS } from '../../../runtime/topology.ts'
import { removeFolder, temporaryFolder } from '../../support/own-server.ts'
import { within } from '../../support/until.ts'

const FLAME = fileURLToPath(new URL('../../../perf/flame.js', import.meta.url))
const DONE_MS_MAX = 300_000
/** Those that a write passes through, and where their own code lies. */
const AT_WORK = { network: / runtime\/net\//, tree: / actors\/tree\//, log: / actors\/log\// }

type Graph = [label: number, us: number, calls: Graph[]]

describe('npm run flame', () => {
  let out: string
  let page: string
  before(async () => {
    out = temporaryFolder()
    const args = [FLAME, 'writes', '--seconds', '1', '--interval', '250', '--out', out]
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk
    })
    const [code] = await within('the report', DONE_MS_MAX, once(child, 'close'))
    strictEqual(code, 0, said)
    page = readFileSync(join(out, 'index.html'), 'utf8')
  })
  after(() => removeFolder(out))

  test('every thread by name, with samples of each', () => {
    const sections = [...page.matchAll(/<h2 id="thread-\d+">(.*)<\/h2>\n<p>.* (\d+) samples/g)]
    deepStrictEqual(
      sections.map(([, name]) => name),
      ['network', ...ACTORS].map((name) => `server 1 (standalone) ${name}`),
    )
    for (const [, name, samples] of sections) ok(Number(samples) > 0, name)
  })

  test('those that work do their own work', () => {
    const json = /<script type="application\/json" id="graphs">(.*)<\/script>/.exec(page)?.[1] ?? ''
    const { labels, roots } = JSON.parse(json) as { labels: string[]; roots: Graph[] }
    const labelsBelow = (graph: Graph): string[] => {
      return [labels[graph[0]] ?? '', ...graph[2].flatMap(labelsBelow)]
    }
    for (const [name, own] of Object.entries(AT_WORK)) {
      const root = roots.find(([label]) => labels[label]?.endsWith(` ${name}`))
      ok(root !== undefined && root[1] > 0, name)
      const others = Object.values(AT_WORK).filter((other) => other !== own)
      const below = labelsBelow(root)
      ok(
        below.some((label) => own.test(label)),
        `${name} runs its own code`,
      )
      for (const other of others)
        strictEqual(
          below.find((label) => other.test(label)),
          undefined,
        )
    }
  })

  test("clinic's flame graph is the network loop's", () => {
    const flame = readFileSync(join(out, 'clinic-flame.html'), 'utf8')
    match(flame, /network-loop\.js/)
    doesNotMatch(flame, /actors\/tree\/prepare\.js/)
  })

  test("clinic's doctor has drawn its page", () => {
    match(readFileSync(join(out, 'clinic-doctor.html'), 'utf8'), /Clinic Doctor/)
  })
})
