// The package as a user gets it: packed, installed into an empty folder by npm, started there, asked by its
// own client. Without a registry, or a cache that has the dependencies, this is skipped.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ROOT, removeFolder, temporaryFolder, text, until } from './launch.ts'

const NPM_MS_MAX = 300_000
const PACKAGES_MAX = 45
const BYTES_MAX = 25_000_000
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')

/** Writes and reads with what the package exports; prints what it read. */
const CLIENT = `
  import { Client } from 'ringkeeper'
  const client = new Client({ servers: process.argv[2] })
  await client.create('/a', Buffer.from('written'))
  const { data } = await client.get('/a')
  console.log(String(data))
  await client.close()
`
const TYPED = `
  import { Client, type ClientOptions, isZkError, ErrorCode, type Stat } from 'ringkeeper'
  const options: ClientOptions = { servers: 'localhost:2181' }
  export async function version(): Promise<number> {
    const client = new Client(options)
    try {
      const stat: Stat | null = await client.exists('/a')
      return stat?.version ?? -1
    } catch (error) {
      return isZkError(error, ErrorCode.noNode) ? -1 : -2
    }
  }
`
/** The servers are missing. */
const WRONG = `
  import type { ClientOptions } from 'ringkeeper'
  export const wrong: ClientOptions = {}
`

interface Served {
  readonly connectString: string
  readonly pid: number
  readonly servers: readonly { id: number; port: number; pid: number; data: string }[]
}

describe('the package', () => {
  const folder = temporaryFolder()
  const installed = join(folder, 'node_modules', 'ringkeeper')
  let missing: string | false = false
  before(() => {
    npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], ROOT)
    const [tarball = ''] = readdirSync(folder)
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock']
    const ended = npm(['install', ...options, `./${tarball}`], folder)
    if (ended === null) return
    if (process.env['RINGKEEPER_REQUIRE_FOREIGN'] === '1') throw new Error(ended)
    missing = `npm cannot get the dependencies: ${ended.slice(0, 200)}`
  })
  after(() => removeFolder(folder))

  test('is small, and brings no tools of developers', (t) => {
    if (missing !== false) return t.skip(missing)
    const packages = packagesIn(join(folder, 'node_modules'))
    ok(packages.length <= PACKAGES_MAX, packages.join(' '))
    for (const tool of ['typescript', 'clinic', '@biomejs/biome']) ok(!packages.includes(tool))
    const bytes = filesBelow(join(folder, 'node_modules')).reduce((sum, { size }) => sum + size, 0)
    ok(bytes < BYTES_MAX, `${bytes} bytes`)
    const names = filesBelow(installed).map(({ path }) => relative(installed, path))
    const strange = names.filter((name) => /^dist\/(test|perf)|(?<!\.d)\.ts$|\.map$/.test(name))
    deepStrictEqual(strange, [])
  })

  test('serves in the current folder, and ends with its standard input', async (t) => {
    if (missing !== false) return t.skip(missing)
    const before = filesBelow(installed)
    const server = start(['--port', '0', '--json'])
    const { connectString, pid, servers } = await served(server)
    deepStrictEqual([pid, servers.length], [server.pid, 1])
    strictEqual(servers[0]?.data, join(folder, 'data', 'standalone'))
    writeFileSync(join(folder, 'client.js'), CLIENT)
    const client = spawnSync(process.execPath, ['client.js', connectString], { cwd: folder })
    strictEqual(String(client.stdout), 'written\n', String(client.stderr))
    const shell = spawnSync(
      join(folder, 'node_modules', '.bin', 'zkCli'),
      ['-server', connectString, 'get', '/a'],
      { cwd: folder },
    )
    match(String(shell.stdout), /^written$/m, String(shell.stderr))
    strictEqual(await ended(server), 0)
    // It may lie on a file system that nobody can write to.
    deepStrictEqual(filesBelow(installed), before)
  })

  test('serves as an ensemble', async (t) => {
    if (missing !== false) return t.skip(missing)
    const server = start(['--servers', '3', '--port', '0', '--json'])
    const { connectString, servers } = await served(server)
    strictEqual(connectString.split(',').length, 3)
    ok(servers.every(({ pid }) => pid > 0))
    strictEqual(await ended(server), 0)
    for (const { pid } of servers) ok(!existsSync(`/proc/${pid}`), `${pid} still runs`)
  })

  test('explains itself, and what is wrong', (t) => {
    if (missing !== false) return t.skip(missing)
    const run = (args: readonly string[]) =>
      spawnSync(process.execPath, [program(), ...args], { cwd: folder, encoding: 'utf8' })
    const help = run(['--help'])
    deepStrictEqual([help.status, help.stderr], [0, ''])
    match(help.stdout, /^Usage: ringkeeper /)
    const option = run(['--frob'])
    strictEqual(option.status, 2)
    match(option.stderr, /--frob.*\n?.*ringkeeper --help lists the options\.\n$/s)
    const verb = run(['frob'])
    strictEqual(verb.status, 2)
    match(verb.stderr, /^There is no verb frob\.\nUsage: /)
    match(run(['--version']).stdout, /^Ringkeeper, as ZooKeeper version: 3\.9/)
  })

  test('has types', (t) => {
    if (missing !== false) return t.skip(missing)
    const typed = join(folder, 'typed')
    mkdirSync(typed)
    strictEqual(compiled(join(typed, 'typed.ts'), TYPED), '')
    match(compiled(join(typed, 'wrong.ts'), WRONG), /wrong\.ts.*servers/)
  })

  /** What the compiler says. */
  function compiled(path: string, source: string): string {
    writeFileSync(path, source)
    const types = join(ROOT, 'node_modules', '@types')
    const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--lib', 'es2024']
    const args = [TSC, ...strict, '--types', 'node', '--typeRoots', types, path]
    return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).stdout
  }

  function program(): string {
    return join(installed, 'dist', 'bin', 'ringkeeper.js')
  }

  function start(args: readonly string[]): ChildProcess {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    return spawn(process.execPath, [program(), ...args], { cwd: folder, stdio: 'pipe', env })
  }
})

/** Null, or what npm said when it failed. */
function npm(args: readonly string[], cwd: string): string | null {
  const ended = spawnSync('npm', args, { cwd, encoding: 'utf8', timeout: NPM_MS_MAX })
  return ended.status === 0 ? null : ended.stderr || String(ended.error)
}

async function served(child: ChildProcess): Promise<Served> {
  const [out, err] = [text(child.stdout), text(child.stderr)]
  await until('a line of JSON', () => out().includes('\n') || child.exitCode !== null)
  const lines = out().trimEnd().split('\n')
  strictEqual(lines.length, 1, `${out()}${err()}`)
  return JSON.parse(lines[0] ?? '') as Served
}

async function ended(child: ChildProcess): Promise<number | null> {
  const exit = once(child, 'exit')
  child.stdin?.end()
  return (await exit)[0] as number | null
}

function packagesIn(modules: string): string[] {
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'))
  return names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((sub) => `${name}/${sub}`) : [name],
  )
}

function filesBelow(folder: string): { path: string; size: number; mtimeMs: number }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const { size, mtimeMs } = statSync(path)
      return { path, size, mtimeMs }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}
