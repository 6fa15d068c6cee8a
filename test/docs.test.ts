// The documents point at what exists: every link leads to a file, a function that a link names stands in
// that file, and so does every path of a source that is only named.
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

const FOLDERS = 'actors|bin|client|config|docs|perf|protocol|runtime|test'
const NAMED_PATH = new RegExp(
  `(?<=[\\[\`])(?:${FOLDERS})/[\\w./-]+\\.(?:ts|mjs|md|sh)(?=[\\]\`])`,
  'g',
)

/** Names of sources in backticks, with or without a part of their path. */
function namedSources(text: string): string[] {
  return [...text.matchAll(/(?<=`)[\w-][\w./-]*\.ts(?=`)/g)].map(([name]) => name)
}

const SOURCES: readonly string[] = ['actors', 'bin', 'client', 'config', 'perf', 'protocol']
  .concat('runtime', 'test')
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join('/', folder, name),
    ),
  )

/** Paths in backticks, and those that a link has for its text. */
function namedPaths(text: string): string[] {
  return [...text.matchAll(NAMED_PATH)].map(([path]) => path)
}

describe('the documents', () => {
  for (const document of DOCUMENTS) {
    test(`${document}: the paths that it names are there`, () => {
      const paths = namedPaths(readFileSync(join(ROOT, document), 'utf8'))
      deepStrictEqual(
        paths.filter((path) => !existsSync(join(ROOT, path))),
        [],
      )
    })

    test(`${document}: the sources that it names are there`, () => {
      const names = namedSources(readFileSync(join(ROOT, document), 'utf8'))
      deepStrictEqual(
        names.filter((name) => !SOURCES.some((source) => source.endsWith(`/${name}`))),
        [],
      )
    })

    test(`${document}: its links lead somewhere`, () => {
      const faults = linksOf(document).flatMap((link) => {
        const why = fault(document, link)
        return why === null ? [] : [`[${link.text}](${link.target}): ${why}`]
      })
      deepStrictEqual(faults, [])
    })
  }

  test('each number of a CVE in docs/security.md is in the name of a test', () => {
    const numbers = readFileSync(join(ROOT, 'docs/security.md'), 'utf8').match(/CVE-\d+-\d+/g) ?? []
    const names = SOURCES.filter((source) => source.endsWith('.test.ts')).flatMap((source) => {
      return (
        readFileSync(join(ROOT, source), 'utf8').match(
          /(?<=\b(?:test|it)\(\s*'|^ *')[^']*CVE-[^']*/gm,
        ) ?? []
      )
    })
    ok(numbers.length > 10)
    const missing = numbers.filter((number) => !names.some((name) => name.includes(number)))
    deepStrictEqual(missing, [])
  })

  test('a path is found in backticks and in the text of a link', () => {
    const text = 'see `bin/none.mjs`, [test/none.ts](../test/x.ts), [`zab/zab.ts`](x) and bin/zk.sh'
    deepStrictEqual(namedPaths(text), ['bin/none.mjs', 'test/none.ts'])
  })

  test('the name of a source is found with and without a path', () => {
    deepStrictEqual(namedSources('`zab.ts`, (`zab/none.ts`) and x.ts'), ['zab.ts', 'zab/none.ts'])
  })

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
