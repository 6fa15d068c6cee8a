// The command line and the environment's flags.

import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { readConfiguration, USAGE } from '../../config/arguments.ts'
import { parseDefinition, splitFlags } from '../../config/java/flags.ts'
import { isSecret, shown } from '../../config/names/secrets.ts'
import { editDistance, suggest } from '../../config/names/suggest.ts'

describe('the command line', () => {
  let folder: string
  let file: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringkeeper-arguments-'))
    file = join(folder, 'zoo.cfg')
    writeFileSync(file, 'dataDir=/d\nclientPort=2181\n')
  })
  after(() => rmSync(folder, { recursive: true }))

  test('properties before the file', () => {
    strictEqual(readConfiguration(['-Dzookeeper.snapCount=5', file], {}).options.snapCount, 5)
  })

  test('of flags, JVMFLAGS count more than SERVER_JVMFLAGS, and the command line most', () => {
    const SERVER_JVMFLAGS = '-Dzookeeper.snapCount=5 -Dzookeeper.maxCnxns=5'
    const JVMFLAGS = '-Dzookeeper.maxCnxns=6 -Dzookeeper.preAllocSize=6'
    const args = ['-Dzookeeper.preAllocSize=7', file]
    const { options } = readConfiguration(args, { SERVER_JVMFLAGS, JVMFLAGS })
    deepStrictEqual(
      [options.snapCount, options.maxCnxns, options.preAllocSizeBytes],
      [5, 6, 7 * 1024],
    )
  })

  test('Java’s own variables count as Java reads them', () => {
    const { options } = readConfiguration(['-Dzookeeper.maxCnxns=4', file], {
      JAVA_TOOL_OPTIONS: '-Dzookeeper.snapCount=5 -Dzookeeper.maxCnxns=5',
      JDK_JAVA_OPTIONS: '-Dzookeeper.snapCount=6',
      _JAVA_OPTIONS: '-Dzookeeper.maxCnxns=7',
    })
    deepStrictEqual([options.snapCount, options.maxCnxns], [6, 7])
  })

  test('ZOO_LOG4J_PROP is the least of what sets the log’s level', () => {
    const env = { ZOO_LOG4J_PROP: 'DEBUG,CONSOLE' }
    strictEqual(readConfiguration([file], env).options.logLevel, 'debug')
    const more = { ...env, JVMFLAGS: '-Dzookeeper.root.logger=WARN' }
    strictEqual(readConfiguration([file], more).options.logLevel, 'warn')
  })

  test('what is Java’s alone is one warning', () => {
    const JVMFLAGS = '-Xmx1000m -XX:+UseG1GC -Djava.net.preferIPv4Stack=true'
    const { remarks } = readConfiguration([file], { JVMFLAGS })
    deepStrictEqual(remarks, [
      {
        level: 'warn',
        text: 'flags for Java have no effect: -Xmx1000m -XX:+UseG1GC -Djava.net.preferIPv4Stack',
      },
    ])
  })

  test('ports and folders without a file', () => {
    const { options } = readConfiguration(['2182', '/d', '2000', '7'], {})
    deepStrictEqual(
      [options.clientPort, options.dataDir, options.tickTimeMs, options.maxClientCnxns],
      [2182, '/d', 2000, 7],
    )
  })

  test('what cannot be', () => {
    throws(() => readConfiguration([], {}), { message: USAGE })
    throws(() => readConfiguration(['1', '2', '3', '4', '5'], {}), { message: USAGE })
    throws(() => readConfiguration(['-x'], {}), { message: USAGE })
    throws(() => readConfiguration([join(folder, 'none')], {}), /Cannot read the configuration/)
    throws(() => readConfiguration(['x', '/d'], {}), /command line:1: clientPort=x: must be/)
  })
})

describe('flags', () => {
  const CASES: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['  -a   -b ', ['-a', '-b']],
    ['-Da="b c" -d', ['-Da=b c', '-d']],
    ["-Da='b c'", ['-Da=b c']],
  ]
  for (const [text, flags] of CASES) {
    test(JSON.stringify(text), () => deepStrictEqual(splitFlags(text), flags))
  }

  test('definitions', () => {
    deepStrictEqual(parseDefinition('-Da=b=c'), ['a', 'b=c'])
    deepStrictEqual(parseDefinition('-Da'), ['a', ''])
    strictEqual(parseDefinition('-D'), undefined)
    strictEqual(parseDefinition('-Xmx1'), undefined)
  })
})

describe('suggestions', () => {
  const DISTANCES: readonly (readonly [string, string, number])[] = [
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['abc', 'xabc', 1],
    ['abc', 'xyz', 3],
    ['', 'abc', 3],
  ]
  for (const [a, b, distance] of DISTANCES) {
    test(`${a} and ${b}`, () => strictEqual(editDistance(a, b), distance))
  }

  test('the nearest, if it is near', () => {
    strictEqual(suggest('tickTme', ['tickTime', 'initLimit']), 'tickTime')
    strictEqual(suggest('ticktime', ['tickTime']), 'tickTime')
    strictEqual(suggest('whatever', ['tickTime', 'initLimit']), null)
  })
})

test('what is secret', () => {
  const secrets = [
    'ssl.keyStore.password',
    'SASLAuthenticationProvider.superPassword',
    'superDigest',
  ]
  for (const name of secrets) {
    strictEqual(isSecret(name), true, name)
    match(shown(name, 'sesame'), /^\*+$/)
  }
  for (const name of ['dataDir', 'ssl.keyStore.passwordPath']) strictEqual(isSecret(name), false)
})
