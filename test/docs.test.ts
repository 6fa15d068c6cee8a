// The documents point at what exists: every link leads to a file, and a function that a link names stands
// in that file.
//
// A link to code is written [`Class.method`](../path/to/file.ts) or [`function`](...): the name is looked
// for there, so a renamed function takes its document along.

import { deepStrictEqual, ok } from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface Link {
  readonly text: string
  readonly target: string
}

const DOCUMENTS: readonly string[] = ['.', 'docs', 'perf'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
)

function linksOf(document: string): Link[] {
  const text = readFileSync(join(ROOT, document), 'utf8').replace(/^```.*?^```/gms, '')
  return [...text.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)].map(([, name = '', target = '']) => {
    return { text: name, target }
  })
}

/** Why it leads nowhere; null when it does not. */
function fault(document: string, { text, target }: Link): string | null {
  if (/^[a-z]+:/.test(target)) return null
  const [path = '', heading] = target.split('#')
  const file = path === '' ? document : relative(ROOT, join(ROOT, dirname(document), path))
  if (!existsSync(join(ROOT, file))) return `${file} is not there`
  if (heading !== undefined && !headingsOf(file).includes(heading))
    return `${file} has no #${heading}`
  const [, name] = /^`(?:[A-Za-z]+\.)?(#?[A-Za-z]\w*)`$/.exec(text) ?? []
  if (name === undefined || !file.endsWith('.ts')) return null
  const source = readFileSync(join(ROOT, file), 'utf8')
  return new RegExp(`(?<![\\w#])${name}\\b`).test(source) ? null : `${file} has no ${name}`
}

function headingsOf(file: string): string[] {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n')
  const headings = lines.filter((line) => /^#+ /.test(line))
  return headings.map((line) =>
    line
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

describe('the documents', () => {
  for (const document of DOCUMENTS) {
    test(`${document}: its links lead somewhere`, () => {
      const faults = linksOf(document).flatMap((link) => {
        const why = fault(document, link)
        return why === null ? [] : [`[${link.text}](${link.target}): ${why}`]
      })
      deepStrictEqual(faults, [])
    })
  }

  test('a link that leads nowhere is noticed', () => {
    const link = (text: string, target: string): string | null =>
      fault('README.md', { text, target })
    ok(link('x', 'docs/none.md') !== null)
    ok(link('x', '#none') !== null)
    ok(link('`Zab.nothingLikeIt`', 'actors/zab/zab.ts') !== null)
    ok(link('`Zab.elected`', 'actors/zab/zab.ts') === null)
    ok(link('`Zab.#look`', 'actors/zab/zab.ts') === null)
  })
})
