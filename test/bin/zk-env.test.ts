// The scripts in bin/ and the environment that ZooKeeper's scripts know: what each variable means
// here, whether it comes from outside or from a file in the configuration folder, or what is said.

import { doesNotMatch, match, strictEqual } from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import {
  type Ended,
  type Env,
  ROOT,
  removeFolder,
  run,
  temporaryFolder,
  writeConfig,
} from './launch.ts'

const SHOWN = [
  'SERVER_JVMFLAGS',
  'JVMFLAGS',
  'CLIENT_JVMFLAGS',
  'ZOO_LOG4J_PROP',
  'ZOOCFGDIR',
] as const
/** Stands in for node: says how it was called. */
const FAKE_NODE = `#!/bin/sh
for argument in "$@"; do echo "argument $argument"; done
${SHOWN.map((name) => `echo "${name} <\${${name}-unset}>"`).join('\n')}
`

describe('the environment of the scripts', () => {
  let top: string
  /** The configuration folder, with blanks in its path. */
  let folder: string
  let node: string
  let bin: string
  before(() => {
    top = temporaryFolder()
    node = join(top, 'node')
    writeFileSync(node, FAKE_NODE)
    chmodSync(node, 0o755)
    bin = join(top, 'a link')
    symlinkSync(join(ROOT, 'bin'), bin)
  })
  beforeEach(() => {
    folder = join(top, 'its configuration')
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    writeConfig(folder, 0)
  })
  after(() => removeFolder(top))

  function zkServer(verb: string, env: Env = {}): Promise<Ended> {
    return run(join(bin, 'zkServer.sh'), [verb], { ZOOCFGDIR: folder, NODE: node, ...env })
  }

  type Case = readonly [
    what: string,
    files: Readonly<Record<string, string>>,
    env: Env,
    out: RegExp,
    err?: RegExp,
  ]
  const CASES: readonly Case[] = [
    ['nothing set', {}, {}, /^SERVER_JVMFLAGS <unset>\nJVMFLAGS <unset>/m],
    [
      'java.env reads what is not set',
      { 'java.env': 'export JVMFLAGS="$JVMFLAGS -Da=b"\nCLASSPATH=$CLASSPATH' },
      {},
      /^JVMFLAGS < -Da=b>$/m,
    ],
    [
      'java.env adds to what is set',
      { 'java.env': 'export SERVER_JVMFLAGS="$SERVER_JVMFLAGS -Da=b"' },
      { SERVER_JVMFLAGS: '-Dc=d' },
      /^SERVER_JVMFLAGS <-Dc=d -Da=b>$/m,
    ],
    ['without export', { 'java.env': 'JVMFLAGS=-Da=b' }, {}, /^JVMFLAGS <-Da=b>$/m],
    [
      'zookeeper-env.sh without export',
      { 'zookeeper-env.sh': 'SERVER_JVMFLAGS="-Da=b"' },
      {},
      /^SERVER_JVMFLAGS <-Da=b>$/m,
    ],
    [
      'zookeeper-env.sh, then java.env',
      { 'zookeeper-env.sh': 'JVMFLAGS=-Da=b', 'java.env': 'JVMFLAGS="$JVMFLAGS -Dc=d"' },
      {},
      /^JVMFLAGS <-Da=b -Dc=d>$/m,
    ],
    [
      'Debian’s environment, which does not say where the configuration is',
      { environment: 'ZOOCFGDIR=/x\nZOOCFG=/x/y\nCLASSPATH=/z\nSERVER_JVMFLAGS=-Da=b' },
      {},
      /its configuration\/zoo\.cfg\nSERVER_JVMFLAGS <-Da=b>$/m,
      /^Using config: .*its configuration\/zoo\.cfg\n$/,
    ],
    [
      'a file that fails, and one that wants to be told of failures',
      { 'zookeeper-env.sh': 'false', 'java.env': 'set -eu\nJVMFLAGS=-Da=b\nfalse || :' },
      {},
      /^JVMFLAGS <-Da=b>$/m,
    ],
    [
      'the verb, and the folders of ZooKeeper’s scripts',
      { 'java.env': 'JVMFLAGS="-Da=$1 -Db=$ZOOBINDIR -Dc=$ZOOKEEPER_PREFIX -Dd=$ZOOBIN"' },
      {},
      new RegExp(`^JVMFLAGS <-Da=start-foreground -Db=${ROOT}bin -Dc=.* -Dd=${ROOT}bin>$`, 'm'),
    ],
    [
      'ZOOCFG of a file',
      { 'zookeeper-env.sh': 'ZOOCFG=zoo.cfg\n' },
      {},
      /^argument .*its configuration\/zoo\.cfg$/m,
    ],
    [
      'ZK_SERVER_HEAP',
      {},
      { ZK_SERVER_HEAP: '700', SERVER_JVMFLAGS: '-Da=b' },
      /^SERVER_JVMFLAGS <-Xmx700m -Da=b>$/m,
    ],
    ['ZOO_LOG4J_PROP', { 'java.env': 'ZOO_LOG4J_PROP="WARN,X"' }, {}, /^ZOO_LOG4J_PROP <WARN,X>$/m],
    ['ZOO_NOEXEC', {}, { ZOO_NOEXEC: '1' }, /^argument .*dist\/bin\/server\.js$/m],
    [
      'ZOO_DATADIR_AUTOCREATE_DISABLE',
      {},
      { ZOO_DATADIR_AUTOCREATE_DISABLE: '1' },
      /^argument -Dzookeeper\.datadir\.autocreate=false$/m,
    ],
    [
      'JMXPORT',
      {},
      { JMXPORT: '9010' },
      /^argument/,
      /^JMXPORT=9010 has no effect: there is no JMX/m,
    ],
    [
      'JMXPORT with JMX switched off',
      {},
      { JMXPORT: '9010', JMXDISABLE: 'true' },
      /^argument/,
      /^Using config: [^\n]*\n$/,
    ],
    [
      'what asks for nothing',
      {},
      {
        JMXDISABLE: 'false',
        JMXLOCALONLY: 'true',
        JMXAUTH: 'false',
        JMXSSL: 'false',
        JMXLOG4J: 'true',
        JMXHOSTNAME: 'h',
        JAVA_HOME: '/java',
        JAVA: '/java/bin/java',
        CLASSPATH: '/jars',
        ZK_CLIENT_HEAP: '9',
      },
      /^argument/,
      /^Using config: [^\n]*\n$/,
    ],
    [
      'CLASSPATH of a file',
      { 'java.env': 'CLASSPATH="$CLASSPATH:/jars/mine.jar"' },
      {},
      /^argument/,
      /^CLASSPATH, set in .*its configuration, has no effect: Java classes cannot be loaded$/m,
    ],
    [
      'ZOO_LOG_FILE',
      {},
      { ZOO_LOG_FILE: 'z.log' },
      /^argument/,
      /^ZOO_LOG_FILE=z\.log has no effect/m,
    ],
  ]
  for (const [what, files, env, out, err = /^Using config: /] of CASES) {
    test(what, async () => {
      for (const [name, content] of Object.entries(files)) {
        writeFileSync(join(folder, name), `${content}\n`)
      }
      const ended = await zkServer('start-foreground', env)
      match(ended.out, out)
      match(ended.err, err)
      strictEqual(ended.code, 0)
    })
  }

  test('an argument of --config, and a file named behind the verb', async () => {
    writeFileSync(join(folder, 'java.env'), 'JVMFLAGS="-Da=$1,$2"')
    const args = ['--config', folder, 'start-foreground', 'other.cfg']
    writeFileSync(join(folder, 'other.cfg'), '')
    const { out } = await run(join(bin, 'zkServer.sh'), args, { NODE: node })
    match(out, /^argument .*its configuration\/other\.cfg$/m)
    match(out, /^JVMFLAGS <-Da=start-foreground,other\.cfg>$/m)
  })

  test('zkCli.sh reads the same files', async () => {
    writeFileSync(join(folder, 'java.env'), 'CLIENT_JVMFLAGS="$CLIENT_JVMFLAGS -Da=b"')
    const args = ['-server', 'h:1', 'create', '/a b', '']
    const ended = await run(join(bin, 'zkCli.sh'), args, { ZOOCFGDIR: folder, NODE: node })
    match(
      ended.out,
      /cli\.js\nargument -server\nargument h:1\nargument create\nargument \/a b\narg/,
    )
    match(ended.out, /^CLIENT_JVMFLAGS < -Da=b>$/m)
    strictEqual(ended.err, '')
  })

  test('what stands behind the file is ignored, and said', async () => {
    const args = ['start-foreground', 'zoo.cfg', 'more', 'words']
    const ended = await run(join(bin, 'zkServer.sh'), args, { ZOOCFGDIR: folder, NODE: node })
    match(ended.out, /its configuration\/zoo\.cfg$/m)
    match(ended.err, /^Ignored, as ZooKeeper does: more words$/m)
  })

  test('print-classpath', async () => {
    strictEqual((await zkServer('print-classpath', { CLASSPATH: '/x' })).out, 'CLASSPATH=/x\n')
  })

  test('without the data folder that must not be made, the start says so', async () => {
    const ended = await zkServer('start', { ZOO_DATADIR_AUTOCREATE_DISABLE: '1' })
    match(ended.err, /ZooKeeper data directory is missing at .*data fix the path or run initialize/)
    strictEqual(ended.code, 3)
  })

  test('the server itself, with blanks in every path: flags of a file count', async () => {
    writeFileSync(
      join(folder, 'java.env'),
      'ZOO_LOG4J_PROP="WARN,CONSOLE"\nSERVER_JVMFLAGS="-Xmx1g -Dzookeeper.snapCuont=5 $JVMFLAGS"',
    )
    const logs = join(top, 'its logs')
    const env = { ZOOCFGDIR: folder, ZOO_LOG_DIR: logs, USER: 'me', HOSTNAME: 'here' }
    const started = await run(join(bin, 'zkServer.sh'), ['start'], env)
    const log = readFileSync(join(logs, 'zookeeper-me-server-here.out'), 'utf8')
    const stopped = await run(join(bin, 'zkServer.sh'), ['stop'], env)
    strictEqual(started.out, 'Starting zookeeper ... STARTED\n', started.err)
    strictEqual(stopped.out, 'Stopping zookeeper ... STOPPED\n', stopped.err)
    match(log, /flags for Java have no effect: -Xmx1g/)
    match(log, /SERVER_JVMFLAGS: zookeeper\.snapCuont has no effect/)
    doesNotMatch(log, /"level":30/)
  })
})
