// What the linter cannot say: bans with their replacement, sizes, headers, who may import whom.
//
// A rule that a file has to break names the file and its reason here, nowhere else.

import { deepStrictEqual, ok } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = findRoot()
const TOP = ['actors', 'bin', 'client', 'config', 'perf', 'protocol', 'runtime', 'test'] as const
const THIS_FILE = 'test/tidy.test.ts'

interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string
  readonly lines: readonly string[]
}

interface Ban {
  readonly pattern: RegExp
  /** Where it holds: folders or files. */
  readonly within: readonly string[]
  readonly instead: string
  /** Files that may, each with its reason. */
  readonly except?: Readonly<Record<string, string>>
}

const PURE = ['actors', 'protocol']
const EVERYWHERE: readonly string[] = TOP

const BANS: readonly Ban[] = [
  { pattern: /\bDate\.now\(|new Date\(\)/, within: PURE, instead: 'the clock of the turn' },
  { pattern: /\bperformance\.now\(/, within: PURE, instead: 'the clock of the turn' },
  {
    pattern: /\bDate\.now\(|\bperformance\.now\(|process\.hrtime/,
    within: ['runtime', 'config'],
    instead: 'runtime/shared/clock.ts',
    except: {
      'runtime/shared/clock.ts': 'it is the clock',
      'runtime/console/page/browser.ts': 'it runs in a browser',
      'runtime/thread/actor-thread.ts': 'a stopwatch for syncs, of any origin',
    },
  },
  {
    pattern: /\bMath\.random\(/,
    within: EVERYWHERE,
    instead: 'a seeded generator, or runtime/shared/random.ts',
    except: {
      'client/client.ts': 'which host is tried first',
      'runtime/shared/random.ts': 'here it is',
      'test/support/apache.ts': 'a port for a server that cannot be asked to choose one',
    },
  },
  { pattern: /\bawait\b|\basync\b/, within: PURE, instead: 'a message' },
  {
    pattern: /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\(/,
    within: PURE,
    instead: 'nextTickMs() and tick()',
  },
  {
    pattern: /from 'node:/,
    within: PURE,
    instead: 'an effect that runtime/ performs',
    except: { 'protocol/bytes/crc32.ts': "zlib's CRC-32 is a function of its arguments alone" },
  },
  {
    pattern: /\bBuffer\b/,
    within: PURE,
    instead: 'Uint8Array',
    except: { 'protocol/bytes/text.ts': 'the quickest way from bytes to text' },
  },
  { pattern: /\bas any\b|: any\b|<any>/, within: EVERYWHERE, instead: 'unknown and a check' },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, within: EVERYWHERE, instead: 'a type that fits' },
  { pattern: /\b(it|describe|test)\.only\(|\bonly: true/, within: ['test'], instead: 'all tests' },
  { pattern: /\b(TODO|FIXME|XXX)\b/, within: EVERYWHERE, instead: 'doing it, or an issue' },
  {
    pattern: /\bsleep\(|timers\/promises/,
    within: ['test'],
    instead: 'an event, until() with a bound, or simulated time',
    except: { 'test/support/until.ts': 'it bounds every wait' },
  },
  {
    pattern: /['"`(\s](\/(home|Users|workspace|work|mnt|opt)\/[a-z])/,
    within: EVERYWHERE,
    instead: 'a path from the root of the project, or a temporary folder',
  },
  { pattern: /\bexport default\b/, within: EVERYWHERE, instead: 'a named export' },
  {
    pattern: /\benum [A-Z]|\bnamespace [A-Z]/,
    within: EVERYWHERE,
    instead: 'an `as const` object',
  },
]

/** Lines of a file at most; tests and tables may be longer. */
const FILE_LINES_MAX = 400
const LONG_FILES: Readonly<Record<string, number>> = {}

/** Lines of a function at most. A ratchet: what is longer today may not grow. */
const FUNCTION_LINES_MAX = 70
const LONG_FUNCTIONS: Readonly<Record<string, number>> = {}

/** Files that import each other, each circle in a line. A ratchet: none may be added. */
const CIRCLES: readonly string[] = [
  // A node of the mesh, its links, and what is planted into both.
  'test/actors/zab/ensemble/ensemble-links.ts test/actors/zab/ensemble/ensemble-mesh.ts test/actors/zab/ensemble/ensemble-plants.ts',
]

/** The library, and the one file that imports it. */
const ONLY_IMPORTER: Readonly<Record<string, string>> = {
  '@msgpack/msgpack': 'protocol/control.ts',
  koffi: 'runtime/kerberos/gss-library.ts',
  pino: 'runtime/process/logger.ts',
  piscina: 'runtime/pool/pool.ts',
}

const MAY_IMPORT: Readonly<Record<(typeof TOP)[number], readonly string[]>> = {
  protocol: ['protocol'],
  actors: ['actors', 'protocol'],
  config: ['config', 'protocol'],
  client: ['client', 'protocol'],
  runtime: ['runtime', 'actors', 'config', 'protocol'],
  bin: ['bin', 'runtime', 'config', 'client', 'actors', 'protocol'],
  perf: TOP.filter((folder) => folder !== 'test'),
  test: TOP,
}

describe('tidy', () => {
  const files = TOP.flatMap((folder) => sources(join(ROOT, folder)))

  it('finds the sources', () => {
    deepStrictEqual(
      files.some(({ path }) => path === THIS_FILE),
      true,
    )
  })

  for (const ban of BANS) {
    it(`bans ${ban.pattern.source}: use ${ban.instead}`, () => {
      deepStrictEqual(
        files.flatMap((file) => violations(file, ban)),
        [],
      )
    })
  }

  it('keeps files short', () => {
    const tooLong = files.filter(({ path, lines }) => lines.length > lineLimit(path))
    deepStrictEqual(
      tooLong.map(({ path, lines }) => `${path}: ${lines.length}, allowed ${lineLimit(path)}`),
      [],
    )
  })

  it('keeps functions short', () => {
    const tooLong = files
      .flatMap((file) => functions(file))
      .filter(({ name, length }) => length > (LONG_FUNCTIONS[name] ?? FUNCTION_LINES_MAX))
    deepStrictEqual(
      tooLong.map(({ name, length }) => `${name}: ${length}`),
      [],
    )
  })

  it('begins every file with what it is for', () => {
    const bare = files.filter(({ lines }) => !/^(#!|\/\/ |\/\*)/.test(lines[0] ?? ''))
    deepStrictEqual(
      bare.map(({ path }) => path),
      [],
    )
  })

  it('lets imports point one way', () => {
    deepStrictEqual(files.flatMap(wrongImports), [])
  })

  it('has no circles of imports, types included', () => {
    const graph = new Map(files.map((file) => [file.path, importedFiles(file)]))
    deepStrictEqual(
      circles(graph).filter((circle) => !CIRCLES.includes(circle)),
      [],
    )
  })

  it('finds circles', () => {
    const graph = { a: ['b', 'x'], b: ['c'], c: ['a'], d: ['a', 'e'], e: ['d'], f: ['f'] }
    deepStrictEqual(circles(new Map(Object.entries(graph))), ['a b c', 'd e', 'f'])
  })

  it('starts with no more than its dependencies, and those that are optional', () => {
    const { dependencies, peerDependencies } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    )
    const all = { ...dependencies, ...peerDependencies }
    const missing = files
      .filter(({ path }) => !isWithin(path, ['perf', 'test']))
      .flatMap((file) => imports(file).map((name) => ({ path: file.path, name })))
      .filter(({ name }) => !/^(\.|node:)/.test(name) && !(packageOf(name) in all))
    deepStrictEqual(missing, [])
  })

  it('has few libraries, since each brings faults of its own', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const words = 'one two three four five six seven eight nine ten eleven twelve'.split(' ')
    const number = words[Object.keys(dependencies).length - 1] ?? 'too many'
    const text = readFileSync(join(ROOT, 'docs/security.md'), 'utf8')
    ok(text.includes(`| ${number} libraries, `), `docs/security.md does not say: ${number}`)
  })

  it('has one file for each library', () => {
    for (const [library, owner] of Object.entries(ONLY_IMPORTER)) {
      const importers = files
        .filter(({ path }) => !path.startsWith('test/') && !path.startsWith('perf/'))
        .filter((file) => imports(file).includes(library))
      deepStrictEqual(
        importers.map(({ path }) => path),
        [owner],
      )
    }
  })
})

/** The compiled test lies in dist/; the sources lie where package.json does. */
function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!readdirSync(folder).includes('package.json')) folder = dirname(folder)
  return folder
}

function sources(folder: string): SourceFile[] {
  const found: SourceFile[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.name === 'node_modules') continue
    if (entry.isDirectory()) {
      found.push(...sources(path))
    } else if (/\.(ts|mjs)$/.test(entry.name)) {
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
      found.push({ path: relative(ROOT, path).replaceAll('\\', '/'), lines })
    }
  }
  return found
}

function isWithin(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}/`))
}

function violations({ path, lines }: SourceFile, ban: Ban): string[] {
  if (path === THIS_FILE || !isWithin(path, ban.within)) return []
  if (ban.except?.[path] !== undefined) return []
  return lines.flatMap((line, i) =>
    ban.pattern.test(withoutComment(line)) ? [`${path}:${i + 1}: ${line.trim()}`] : [],
  )
}

/** A ban is about code, but for the marks that live in comments. */
function withoutComment(line: string): string {
  if (/\b(TODO|FIXME|XXX)\b|@ts-/.test(line)) return line
  if (/^\s*(\/\/|\/\*|\*)/.test(line)) return ''
  return line.replace(/\s\/\/ .*$/, '')
}

function lineLimit(path: string): number {
  return path.endsWith('.test.ts') ? Number.POSITIVE_INFINITY : (LONG_FILES[path] ?? FILE_LINES_MAX)
}

/** Functions and methods by their indentation, which the formatter guarantees. Those that are
 * arguments of a call (a test's body) are not counted. */
function functions({ path, lines }: SourceFile): { name: string; length: number }[] {
  const found: { name: string; length: number }[] = []
  const open: { indent: string; name: string; start: number }[] = []
  lines.forEach((line, i) => {
    const head = FUNCTION_HEAD.exec(line)
    if (head !== null && !NO_FUNCTION.has(head[2] ?? '')) {
      open.push({ indent: head[1] ?? '', name: head[2] ?? '', start: i })
    }
    const last = open.at(-1)
    if (last === undefined) return
    // The end of a signature without a body: an interface's method.
    const isSignature = line.startsWith(`${last.indent})`) && !line.endsWith('{')
    if (isSignature) open.pop()
    if (isSignature || line !== `${last.indent}}`) return
    open.pop()
    found.push({ name: `${path} ${last.name}`, length: i - last.start + 1 })
  })
  return found
}

const FUNCTION_HEAD =
  /^(\s*)(?:export |async |static |override |private |public )*(?:(?:function\*? )|(?:get |set |\*)?)([#\w]+)(?:<[^(]*>)?\((?:.*\{)?$/
const NO_FUNCTION: ReadonlySet<string> = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'it',
  'describe',
])

/** Module names as written. */
function imports({ lines }: SourceFile): string[] {
  return lines.flatMap((line) => {
    const match = /^(?:import|export|\}).*?from '([^']+)'|^import '([^']+)'/.exec(line)
    return match === null ? [] : [match[1] ?? match[2] ?? '']
  })
}

/** `preact/hooks` is in the package preact. */
function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/')
}

function importedFiles(file: SourceFile): string[] {
  return imports(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => normalize(join(dirname(file.path), name)).replaceAll('\\', '/'))
}

/** The groups of files each of which is reached from each other one; sorted, a line a group. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const reached = new Map([...graph.keys()].map((path) => [path, reachedFrom(path, graph)]))
  const groups = [...graph.keys()]
    .filter((path) => reached.get(path)?.has(path))
    .map((path) => {
      const others = [...(reached.get(path) ?? [])].filter((other) => reached.get(other)?.has(path))
      return others.sort().join(' ')
    })
  return [...new Set(groups)]
}

function reachedFrom(
  start: string,
  graph: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const reached = new Set<string>()
  const rest = [...(graph.get(start) ?? [])]
  for (let path = rest.pop(); path !== undefined; path = rest.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    rest.push(...(graph.get(path) ?? []))
  }
  return reached
}

function wrongImports(file: SourceFile): string[] {
  const [top = '', area = ''] = file.path.split('/')
  return imports(file).flatMap((name) => {
    if (!name.startsWith('.')) return []
    const target = normalize(join(dirname(file.path), name)).replaceAll('\\', '/')
    const [targetTop = '', targetArea = ''] = target.split('/')
    const allowed = MAY_IMPORT[top as (typeof TOP)[number]]
    // The console is a client of its own server.
    if (top === 'runtime' && area === 'console' && targetTop === 'client') return []
    if (!allowed.includes(targetTop)) return [`${file.path} imports ${target}`]
    // What lies in actors/ itself is for all of them: the contract, the arithmetic of quorums.
    const shared = targetArea.endsWith('.ts')
    const otherActor = top === 'actors' && targetArea !== area && !shared
    return otherActor && targetTop === 'actors' ? [`${file.path} imports ${target}`] : []
  })
}
