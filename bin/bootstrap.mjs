// What `npm start`, `npm test`, `npm run perf`, `npm run soak` and the scripts in bin/ run first:
// installs the packages and compiles where that is needed, says so, and then does what was asked for.
//
// A server needs few packages, tests and measurements need many. So there are two sets: who only starts
// servers gets the first, compiled without a check of types, for which packages would be missing.
//
//   node bin/bootstrap.mjs start [options]   servers to try things with (bin/start.ts)
//   node bin/bootstrap.mjs test [part...]    the tests, or those whose path contains a part
//   node bin/bootstrap.mjs perf [question]   measurements (perf/main.ts)
//   node bin/bootstrap.mjs flame question    flame graphs of every thread (perf/flame.ts)
//   node bin/bootstrap.mjs soak [options]    an ensemble under faults, for as long as you like
//   node bin/bootstrap.mjs check             types, lint and format; writes nothing
//   node bin/bootstrap.mjs build             nothing more
//
// Plain JavaScript without dependencies: it has to run before there are any.

import { spawnSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const DIST = join(ROOT, 'dist')
const PACKAGES = join(ROOT, 'node_modules')
const TSC = join(PACKAGES, 'typescript', 'bin', 'tsc')
const BIOME = join(PACKAGES, '@biomejs', 'biome', 'bin', 'biome')
const SERVER_FOLDERS = ['actors', 'runtime', 'config', 'protocol', 'client', 'bin']

/** `built` is touched by every successful build. */
const SERVER = {
  what: 'packages of the server',
  npm: ['ci', '--omit=dev', '--no-audit', '--no-fund'],
  wants: ({ dev, devOptional }) => !dev && !devOptional,
  tsconfig: 'tsconfig.server.json',
  folders: SERVER_FOLDERS,
  built: join(DIST, '.built-server'),
}
const EVERYTHING = {
  what: 'packages, those for tests and measurements as well',
  npm: ['ci', '--no-audit', '--no-fund'],
  wants: () => true,
  tsconfig: 'tsconfig.json',
  folders: [...SERVER_FOLDERS, 'perf', 'test'],
  built: join(DIST, '.built'),
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
function run(program, args) {
  const ended = spawnSync(program, args, { cwd: ROOT, stdio: ['inherit', 2, 2] })
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

/** Whether npm's record of what it installed has the set's packages of our lock file, each at its
 * version. */
function isInstalled(set) {
  if (isLinked()) return true
  const record = join(PACKAGES, '.package-lock.json')
  if (!existsSync(record)) return false
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const locked = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages
  return Object.entries(locked).every(([path, entry]) => {
    const { version, optional, peer } = entry
    const isNeeded = path !== '' && !optional && !peer && set.wants(entry)
    return !isNeeded || installed[path]?.version === version
  })
}

function install(set) {
  if (isInstalled(set)) return
  alone(() => {
    if (isInstalled(set)) return
    say(`Installing ${set.what} (npm ci) ...`)
    run('npm', set.npm)
  })
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else yield path
  }
}

function* sources({ folders, tsconfig }) {
  yield join(ROOT, tsconfig)
  yield join(ROOT, 'package.json')
  for (const name of folders) {
    const folder = join(ROOT, name)
    if (!existsSync(folder)) continue
    for (const file of filesBelow(folder)) if (file.endsWith('.ts')) yield file
  }
}

function isBuilt(set) {
  // What compiles everything compiles the server.
  const marks = [EVERYTHING.built, set.built].filter((mark) => existsSync(mark))
  const builtMs = Math.max(0, ...marks.map((mark) => statSync(mark).mtimeMs))
  for (const file of sources(set)) if (statSync(file).mtimeMs > builtMs) return false
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

function build(wanted) {
  requireNode()
  if (isBuilt(wanted)) return
  alone(() => {
    if (!isBuilt(wanted)) compile(wanted)
  })
}

function compile(wanted) {
  // Where every package is there already, types are checked as well.
  const set = isInstalled(EVERYTHING) ? EVERYTHING : wanted
  install(set)
  say('Compiling ...')
  run(process.execPath, [TSC, '-p', set.tsconfig])
  removeOrphans()
  writeFileSync(set.built, '')
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
  install(EVERYTHING)
  build(EVERYTHING)
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

function check() {
  requireNode()
  install(EVERYTHING)
  run(process.execPath, [TSC, '-p', EVERYTHING.tsconfig, '--noEmit'])
  run(process.execPath, [BIOME, 'check', '.'])
}

/** Becomes a program of ours. */
async function become(set, program, args) {
  build(set)
  process.argv = [process.execPath, program, ...args]
  await import(pathToFileURL(program).href)
}

const [verb, ...args] = process.argv.slice(2)
if (verb === 'start') {
  await become(SERVER, join(DIST, 'bin', 'start.js'), args)
} else if (verb === 'perf') {
  await become(EVERYTHING, join(DIST, 'perf', 'main.js'), args)
} else if (verb === 'flame') {
  await become(EVERYTHING, join(DIST, 'perf', 'flame.js'), args)
} else if (verb === 'soak') {
  await become(EVERYTHING, join(DIST, 'test', 'soak', 'main.js'), args)
} else if (verb === 'test') {
  test(args)
} else if (verb === 'check') {
  check()
} else if (verb === 'build') {
  build(SERVER)
} else {
  say('Usage: node bin/bootstrap.mjs {start|test|perf|flame|soak|check|build} [argument...]')
  process.exit(EXIT_INVOCATION)
}
