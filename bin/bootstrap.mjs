// What `npm start`, `npm test`, the other scripts of package.json and the scripts in bin/ run first: installs
// the packages and compiles where that is needed, says so, and then does what was asked for.
//
// A server needs few packages. What only tests, the load generator or flame graphs need are sets of their
// own, each beside the sources that import it. Whoever has installed Ringkeeper as a package needs
// nothing of this: it was compiled when it was packed.
//
//   node bin/bootstrap.mjs start [options]   servers to try things with (bin/start.ts)
//   node bin/bootstrap.mjs test [part...]    the tests, or those whose path contains a part
//   node bin/bootstrap.mjs perf [question]   measurements (perf/main.ts)
//   node bin/bootstrap.mjs flame question    flame graphs of every thread (perf/flame.ts)
//   node bin/bootstrap.mjs soak [options]    an ensemble under faults, for as long as you like
//   node bin/bootstrap.mjs simulate ...      the simulator (test/simulator/main.ts)
//   node bin/bootstrap.mjs docs              the tables of settings in docs/settings.md
//   node bin/bootstrap.mjs check             types, lint and format; writes nothing
//   node bin/bootstrap.mjs fix               format, and the lint's safe fixes
//   node bin/bootstrap.mjs build             the server, and nothing more
//   node bin/bootstrap.mjs build-all         tests and measurements as well
//
// Plain JavaScript without dependencies: it has to run before there are any.

import { spawnSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const DIST = join(ROOT, 'dist')
const PACKAGES = join(ROOT, 'node_modules')
const TSC = join(PACKAGES, 'typescript', 'bin', 'tsc')
/** There while the compiler runs, and behind one that failed or was killed. zkEnv.sh looks for it, too. */
const UNFINISHED = join(DIST, '.unfinished')
const NPM = ['ci', '--no-audit', '--no-fund']

const SERVER_PACKAGES = { what: 'packages', folder: ROOT }
const TEST_PACKAGES = { what: "the tests' packages", folder: join(ROOT, 'test') }
const PERF_PACKAGES = { what: "the load generator's packages", folder: join(ROOT, 'perf') }
const FLAME_PACKAGES = { what: "the profiler's packages", folder: join(ROOT, 'perf', 'flame') }
/** What it takes to compile everything. */
const ALL_PACKAGES = [SERVER_PACKAGES, TEST_PACKAGES, PERF_PACKAGES]

const SERVER_FOLDERS = ['actors', 'runtime', 'config', 'protocol', 'client', 'bin']
const SERVER = {
  what: 'the server',
  project: 'tsconfig.server.json',
  folders: SERVER_FOLDERS,
  packages: [SERVER_PACKAGES],
}
const ALL = {
  what: 'everything',
  project: 'tsconfig.json',
  folders: [...SERVER_FOLDERS, 'perf', 'test'],
  packages: ALL_PACKAGES,
}

const LOCK = join(ROOT, '.building')
const LOCK_POLL_MS = 200

const NODE_MIN = [20, 15]
const EXIT_INVOCATION = 2
/** A file that does not end, perhaps since a failed test left something open, is ended and named. */
const TEST_FILE_MAX_MS = 900_000
/** Tests start servers of six threads each: more files at once only make each other late. */
const TEST_FILES_AT_ONCE_MAX = 4

function say(text) {
  process.stderr.write(`${text}\n`)
}

/** Runs a program to its end, its output ours; ends this process if it fails. */
function run(program, args, cwd = ROOT) {
  const ended = spawnSync(program, args, { cwd, stdio: ['inherit', 2, 2] })
  if (ended.status === 0) return
  say(`${program} ${args.join(' ')} failed${ended.error ? `: ${ended.error.message}` : ''}`)
  process.exit(ended.status ?? 1)
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return
  say(`Node ${NODE_MIN.join('.')} or later is needed; this is ${process.versions.node}.`)
  process.exit(EXIT_INVOCATION)
}

/** A link leads to packages that are not ours to replace. */
function isLinked() {
  return lstatSync(PACKAGES, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

/** Whether npm's record of what it installed has the packages of our lock file, each at its version. */
function isInstalled({ folder }) {
  if (isLinked()) return true
  const record = join(folder, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const locked = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages
  return Object.entries(locked).every(([path, { version, optional, peer }]) => {
    const isNeeded = path !== '' && !optional && !peer
    return !isNeeded || installed[path]?.version === version
  })
}

function install(set) {
  if (isInstalled(set)) return
  alone(() => {
    if (isInstalled(set)) return
    say(`Installing ${set.what} (npm ci) ...`)
    run('npm', NPM, set.folder)
  })
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.name === 'node_modules') continue
    if (entry.isDirectory()) yield* filesBelow(path)
    else yield path
  }
}

function* sources(folders) {
  for (const name of folders) {
    const folder = join(ROOT, name)
    if (!existsSync(folder)) continue
    for (const file of filesBelow(folder)) {
      if (file.endsWith('.ts') && !file.endsWith('.d.ts')) yield file
    }
  }
}

/** 0 where there is none. */
function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Whether each source has been compiled since it was changed, here or by the compiler alone. */
function isBuilt({ folders }) {
  if (existsSync(UNFINISHED)) return false
  const configuredMs = Math.max(
    modifiedMs(join(ROOT, 'tsconfig.json')),
    modifiedMs(join(ROOT, 'package.json')),
  )
  for (const file of sources(folders)) {
    const compiledMs = modifiedMs(join(DIST, relative(ROOT, file)).replace(/\.ts$/, '.js'))
    if (compiledMs < Math.max(modifiedMs(file), configuredMs)) return false
  }
  return true
}

/** A test whose source is gone would still be run. */
function removeOrphans() {
  for (const file of [...filesBelow(DIST)]) {
    if (!file.endsWith('.js')) continue
    const source = join(ROOT, relative(DIST, file)).replace(/\.js$/, '.ts')
    if (existsSync(source)) continue
    for (const ending of ['.js', '.js.map', '.d.ts']) {
      rmSync(file.replace(/\.js$/, ending), { force: true })
    }
  }
}

/** Compiled tests look for packages beside themselves, in dist/. */
function linkPackages() {
  for (const { folder } of [TEST_PACKAGES, PERF_PACKAGES]) {
    const link = join(DIST, relative(ROOT, folder), 'node_modules')
    if (lstatSync(link, { throwIfNoEntry: false }) || !existsSync(dirname(link))) continue
    symlinkSync(join(folder, 'node_modules'), link, 'junction')
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** The process that installs or compiles; null when that is over. */
function holder() {
  try {
    return Number(readFileSync(LOCK, 'utf8'))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return null
  }
}

/** Whether the lock is ours now. It is a file with our process id, which comes to be with its content. */
function isTaken() {
  const mine = `${LOCK}.${process.pid}`
  writeFileSync(mine, `${process.pid}`)
  try {
    linkSync(mine, LOCK)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(mine)
  }
}

function unlock() {
  isAlone = false
  rmSync(LOCK, { force: true })
}

/** Whether the lock is ours. */
let isAlone = false

/**
 * Does `work` while no other command installs or compiles: a server and a shell that are started together
 * each find nothing built. A lock whose process is gone counts for nothing.
 */
function alone(work) {
  if (isAlone) return work()
  let isTold = false
  while (!isTaken()) {
    const pid = holder()
    if (pid !== null && !isAlive(pid)) rmSync(LOCK, { force: true })
    else if (!isTold) say(`Waiting for process ${pid}, which installs or compiles (${LOCK}) ...`)
    isTold = true
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS)
  }
  isAlone = true
  process.once('exit', unlock)
  work()
  process.off('exit', unlock)
  unlock()
}

function build(what) {
  requireNode()
  if (isBuilt(what)) return
  alone(() => {
    if (!isBuilt(what)) compile(what)
  })
}

function compile({ what, project, packages }) {
  for (const set of packages) install(set)
  say(`Compiling ${what} ...`)
  mkdirSync(DIST, { recursive: true })
  writeFileSync(UNFINISHED, '')
  run(process.execPath, [TSC, '-p', project])
  removeOrphans()
  linkPackages()
  rmSync(UNFINISHED)
}

/** Unit tests first, then the comparisons with foreign software. */
function testFiles(parts) {
  const all = [...filesBelow(join(DIST, 'test'))]
    .filter((file) => file.endsWith('.test.js'))
    .sort()
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
  const isForeign = (file) => relative(DIST, file).startsWith(join('test', 'compat'))
  return [...all.filter((file) => !isForeign(file)), ...all.filter(isForeign)]
}

function test(parts) {
  install(FLAME_PACKAGES)
  build(ALL)
  const files = testFiles(parts)
  if (files.length === 0) {
    say(`No test file's path contains ${parts.join(' or ')}.`)
    process.exit(EXIT_INVOCATION)
  }
  const atOnce = Math.min(Math.max(1, availableParallelism()), TEST_FILES_AT_ONCE_MAX)
  const ended = spawnSync(
    process.execPath,
    [
      '--enable-source-maps',
      '--test',
      '--test-reporter=spec',
      `--test-timeout=${TEST_FILE_MAX_MS}`,
      `--test-concurrency=${atOnce}`,
      ...files,
    ],
    { cwd: ROOT, stdio: 'inherit' },
  )
  process.exit(ended.status ?? 1)
}

function biome(args) {
  const { resolve } = createRequire(join(TEST_PACKAGES.folder, 'package.json'))
  run(process.execPath, [resolve('@biomejs/biome/bin/biome'), ...args])
}

function check() {
  requireNode()
  for (const set of ALL_PACKAGES) install(set)
  run(process.execPath, [TSC, '-p', 'tsconfig.json', '--noEmit'])
  biome(['check', '.'])
}

function fix() {
  requireNode()
  install(TEST_PACKAGES)
  biome(['check', '--write', '.'])
}

/** Becomes a program of ours. */
async function become(program, args) {
  const path = join(DIST, `${program}.js`)
  process.argv = [process.execPath, path, ...args]
  await import(pathToFileURL(path).href)
}

/** For each verb that becomes a program: which, and what has to be compiled for it. */
const PROGRAMS = {
  start: ['bin/start', SERVER],
  docs: ['bin/docs', SERVER],
  perf: ['perf/main', ALL],
  flame: ['perf/flame', ALL],
  soak: ['test/soak/main', ALL],
  simulate: ['test/simulator/main', ALL],
}
const COMMANDS = {
  test,
  check,
  fix,
  build: () => build(SERVER),
  'build-all': () => build(ALL),
}

const [verb = '', ...args] = process.argv.slice(2)
if (Object.hasOwn(PROGRAMS, verb)) {
  const [program, what] = PROGRAMS[verb]
  if (verb === 'flame') install(FLAME_PACKAGES)
  build(what)
  await become(program, args)
} else if (Object.hasOwn(COMMANDS, verb)) {
  COMMANDS[verb](args)
} else {
  const verbs = [...Object.keys(PROGRAMS), ...Object.keys(COMMANDS)].join('|')
  say(`Usage: node bin/bootstrap.mjs {${verbs}} [argument...]`)
  process.exit(EXIT_INVOCATION)
}
