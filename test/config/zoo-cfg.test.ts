// From zoo.cfg to options: what is set, what is refused, what is remarked upon.

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual, throws } from 'node:assert/strict'
import { resolve } from 'node:path'
import { describe, test } from 'node:test'
import { type Configuration, ConfigurationError } from '../../config/configuration.ts'
import { FOUR_LETTER_WORDS } from '../../config/four-letter-names.ts'
import { propertyOf } from '../../config/java/flags.ts'
import { GLOBAL_OUTSTANDING_MAX } from '../../config/limits.ts'
import { DEFAULTS, type ServerOptions } from '../../config/options.ts'
import { configurationFrom } from '../../config/zoo-cfg.ts'

const LEAST = 'dataDir=/d\nclientPort=2181\n'

function noFile(path: string): string {
  throw new Error(`no file ${path}`)
}

function read(
  text: string,
  properties: Readonly<Record<string, string>> = {},
  readFile: (path: string) => string = noFile,
): Configuration {
  const sources = Object.entries(properties).map((entry) => propertyOf(entry, 'JVMFLAGS'))
  return configurationFrom({ path: 'zoo.cfg', text }, sources, readFile)
}

function optionsOf(text: string, properties: Readonly<Record<string, string>> = {}): ServerOptions {
  return read(LEAST + text, properties).options
}

function remarksOf(text: string, properties: Readonly<Record<string, string>> = {}): string {
  return read(LEAST + text, properties)
    .remarks.map(({ level, text }) => `${level} ${text}`)
    .join('\n')
}

function refusal(text: string, properties: Readonly<Record<string, string>> = {}): string {
  try {
    read(text, properties)
  } catch (error) {
    ok(error instanceof ConfigurationError)
    return error.message
  }
  throw new Error(`accepted: ${text}`)
}

test('the least there can be gives ZooKeeper’s defaults', () => {
  const { options, remarks } = read(LEAST)
  deepStrictEqual(options, {
    ...DEFAULTS,
    dataDir: '/d',
    dataLogDir: '/d',
    configurationText: LEAST,
    configurationPath: resolve('zoo.cfg'),
    given: options.given,
  })
  deepStrictEqual(remarks, [])
  ok(Object.isFrozen(options))
})

test('each value says where it was written, and as what', () => {
  const properties = { 'zookeeper.snapCount': '9', 'zookeeper.forceSync': 'yes' }
  const { given } = optionsOf('tickTime= 300\nsnapCount=7\n', properties)
  deepStrictEqual(
    ['tickTime', 'snapCount', 'forceSync', 'syncLimit'].map((key) => given.get(key)),
    [
      { text: '300', origin: 'zoo.cfg:3' },
      { text: '7', origin: 'zoo.cfg:4' },
      { text: 'yes', origin: 'JVMFLAGS' },
      undefined,
    ],
  )
})

type OptionCase = readonly [text: string, options: Partial<ServerOptions>]

const OPTION_CASES: readonly OptionCase[] = [
  ['dataLogDir=/l', { dataDir: '/d', dataLogDir: '/l' }],
  ['dataDir=data', { dataDir: resolve('data'), dataLogDir: resolve('data') }],
  ['clientPortAddress=127.0.0.1', { clientPortAddress: '127.0.0.1' }],
  ['clientPortAddress=[::1]', { clientPortAddress: '::1' }],
  ['clientPortAddress=', { clientPortAddress: '127.0.0.1' }],
  ['clientPortListenBacklog=511', { clientPortListenBacklog: 511 }],
  ['tickTime=2000', { tickTimeMs: 2000, minSessionTimeoutMs: 4000, maxSessionTimeoutMs: 40_000 }],
  ['minSessionTimeout=-1\nmaxSessionTimeout=-1', { minSessionTimeoutMs: 6000 }],
  ['minSessionTimeout=1\nmaxSessionTimeout=9', { minSessionTimeoutMs: 1, maxSessionTimeoutMs: 9 }],
  ['maxClientCnxns=0', { maxClientCnxns: 0 }],
  ['reconfigEnabled=TRUE', { reconfigEnabled: true }],
  ['autopurge.purgeInterval=0', { purge: false }],
  ['autopurge.purgeInterval=24', { purge: true }],
  ['autopurge.purgeInterval=90m', { purge: true }],
  ['autopurge.snapRetainCount=7', { snapRetainCount: 7 }],
  ['autopurge.snapRetainCount=1', { snapRetainCount: 3 }],
  ['snapCount=500', { snapCount: 500 }],
  ['snapSizeLimitInKb=0', { snapSizeLimitBytes: -1 }],
  ['preAllocSize=64', { preAllocSizeBytes: 65_536 }],
  ['txnLogSizeLimitInKb=10', { txnLogSizeLimitBytes: 10_240 }],
  ['snapshot.compression.method=gz', { snapshotCompressionMethod: 'gz' }],
  ['snapshot.compression.method=snappy', { snapshotCompressionMethod: 'snappy' }],
  ['snapshot.compression.method=', { snapshotCompressionMethod: '' }],
  ['snapshot.trust.empty=true', { snapshotTrustEmpty: true }],
  ['serializeLastProcessedZxid.enabled=false', { serializeLastProcessedZxid: false }],
  ['digest.enabled=false', { digestEnabled: false }],
  ['datadir.autocreate=false', { datadirAutocreate: false }],
  ['extendedTypesEnabled=true', { extendedTypes: true }],
  ['enforceQuota=true', { enforceQuota: true }],
  ['skipACL=yes', { skipAcl: true }],
  ['maxCnxns=9', { maxCnxns: 9 }],
  ['nio.sessionlessCnxnTimeout=500', { sessionlessCnxnTimeoutMs: 500 }],
  ['clientTcpKeepAlive=true', { clientTcpKeepAlive: true }],
  ['fsync.warningthresholdms=20', { fsyncWarningThresholdMs: 20 }],
  ['DigestAuthenticationProvider.superDigest=super:x', { superDigest: 'super:x' }],
  ['ringkeeper.sessionSecret=0123456789abcdef', { sessionSecret: '0123456789abcdef' }],
  ['DigestAuthenticationProvider.digestAlg=SHA-256', { digestAlg: 'sha256' }],
  ['authProvider.1=a.EnsembleAuthenticationProvider', { ensembleAuth: { names: null } }],
  [
    'authProvider.1=a.EnsembleAuthenticationProvider\nensembleAuthName=a, b',
    { ensembleAuth: { names: new Set(['a', 'b']) } },
  ],
  ['DigestAuthenticationProvider.enabled=false', { digestAuthEnabled: false }],
  ['globalOutstandingLimit=9999999', { globalOutstandingLimit: GLOBAL_OUTSTANDING_MAX }],
  ['root.logger=DEBUG, CONSOLE', { logLevel: 'debug' }],
  ['server.1=localhost:2888:3888', { clientPort: 2181 }],
  ['server.1=[::1]:2888:3888:participant;2181', { clientPort: 2181 }],
]

describe('keys of the file', () => {
  for (const [text, expected] of OPTION_CASES) {
    test(text, () => {
      const options = optionsOf(text)
      for (const [name, value] of Object.entries(expected)) {
        deepStrictEqual(options[name as keyof ServerOptions], value, name)
      }
    })
  }

  test('a server line may be all that says where clients connect', () => {
    const { options } = read('dataDir=/d\nserver.1=zoo1:2888:3888;127.0.0.1:2182')
    strictEqual(options.clientPort, 2182)
    strictEqual(options.clientPortAddress, '127.0.0.1')
  })

  test('letters beyond ASCII are another folder to ZooKeeper, unless they are escaped', () => {
    const remark = /zoo\.cfg:3: dataLogDir: ZooKeeper reads .* "\/Ã¼"; written as \\uXXXX they mean/
    match(remarksOf('dataLogDir=/ü'), remark)
    strictEqual(optionsOf('dataLogDir=/ü').dataLogDir, '/ü')
    strictEqual(optionsOf('dataLogDir=/\\u00fc').dataLogDir, '/ü')
    strictEqual(remarksOf('dataLogDir=/\\u00fc'), '')
  })

  test('the last of a repeated key counts, and that is said', () => {
    strictEqual(optionsOf('tickTime=1\ntickTime=5').tickTimeMs, 5)
    match(remarksOf('tickTime=1\ntickTime=5'), /zoo\.cfg:4: tickTime is set again .*line 3/)
  })

  test('the file that the official container image writes', () => {
    const text =
      'dataDir=/data\ndataLogDir=/datalog\ntickTime=2000\ninitLimit=5\nsyncLimit=2\n' +
      'autopurge.snapRetainCount=3\nautopurge.purgeInterval=0\nmaxClientCnxns=60\n' +
      'standaloneEnabled=true\nadmin.enableServer=true\nserver.1=localhost:2888:3888;2181\n'
    const { options, remarks } = read(text)
    deepStrictEqual(
      [options.clientPort, options.clientPortAddress, options.purge, options.dataLogDir],
      [2181, null, false, '/datalog'],
    )
    deepStrictEqual(
      remarks.filter(({ level }) => level === 'warn').map(({ text }) => text),
      [],
    )
  })

  test('a single server line may stand in the dynamic configuration', () => {
    const dynamic = 'server.1=zoo1:2888:3888:participant;2182\nversion=100000000\n'
    const { options } = read('dataDir=/d\ndynamicConfigFile=/c/zoo.dyn', {}, () => dynamic)
    strictEqual(options.clientPort, 2182)
  })
})

describe('system properties', () => {
  test('take effect by their whole names', () => {
    const options = optionsOf('', {
      'zookeeper.snapCount': '7',
      'jute.maxbuffer': '4194304',
      'znode.container.checkIntervalMs': '9',
      'znode.container.maxPerMinute': '8',
      'znode.container.maxNeverUsedIntervalMs': '0',
    })
    strictEqual(options.snapCount, 7)
    strictEqual(options.juteMaxBuffer, 4_194_304)
    strictEqual(options.juteMaxBufferExtraSize, 4_194_304)
    strictEqual(options.containerCheckIntervalMs, 9)
    strictEqual(options.containerMaxPerMinute, 8)
    strictEqual(options.containerMaxNeverUsedIntervalMs, 0)
  })

  test('the file counts more than the command line', () => {
    strictEqual(optionsOf('snapCount=5', { 'zookeeper.snapCount': '7' }).snapCount, 5)
  })

  test('of the two names of the fsync warning the longer one counts', () => {
    const both = { 'fsync.warningthresholdms': '2', 'zookeeper.fsync.warningthresholdms': '3' }
    strictEqual(optionsOf('', both).fsyncWarningThresholdMs, 3)
  })

  test('the extra size can be set apart', () => {
    const extra = { 'zookeeper.jute.maxbuffer.extrasize': '5000' }
    strictEqual(optionsOf('', extra).juteMaxBufferExtraSize, 5000)
  })
})

describe('the whitelist of four-letter words', () => {
  const CASES: readonly (readonly [string, readonly string[]])[] = [
    ['', ['srvr']],
    ['4lw.commands.whitelist=', ['srvr']],
    ['4lw.commands.whitelist=ruok', ['srvr', 'ruok']],
    ['4lw.commands.whitelist= mntr , conf', ['srvr', 'mntr', 'conf']],
    ['4lw.commands.whitelist=*', FOUR_LETTER_WORDS],
    ['4lw.commands.whitelist=ruok,*', FOUR_LETTER_WORDS],
  ]
  for (const [text, words] of CASES) {
    test(text, () => {
      deepStrictEqual([...optionsOf(text).fourLetterWords].sort(), [...words].sort())
    })
  }

  test('a read-only mode allows isro', () => {
    const options = optionsOf('', { 'readonlymode.enabled': 'true' })
    ok(options.readOnlyMode && options.fourLetterWords.has('isro'))
  })

  test('a word that there is not is said', () => {
    match(remarksOf('4lw.commands.whitelist=rouk'), /no word rouk: did you mean ruok\?/)
  })
})

describe('bad values stop the start, with file, line, key, value and what is allowed', () => {
  const CASES: readonly (readonly [string, RegExp])[] = [
    ['tickTime=abc', /^zoo\.cfg:3: tickTime=abc: must be a whole number from 1 to 2147483647$/],
    ['tickTime=0', /^zoo\.cfg:3: tickTime=0: must be/],
    ['tickTime=2000.5', /^zoo\.cfg:3: tickTime=2000\.5: must be/],
    ['maxClientCnxns=', /zoo\.cfg:3: maxClientCnxns=: must be/],
    ['reconfigEnabled=yes', /reconfigEnabled=yes: must be true or false/],
    ['electionAlg=1', /electionAlg=1: must be 3: since ZooKeeper 3\.6 there is no other election$/],
    ['peerType=leader', /peerType=leader: must be participant or observer/],
    ['autopurge.purgeInterval=1w', /must be a number of hours, or one with/],
    ['minSessionTimeout=90000', /minSessionTimeout 90000 is larger than maxSessionTimeout 60000/],
    ['server.1=localhost', /server\.1=localhost: must be host:port:electionPort/],
    ['server.x=h:1:2', /server\.x: the id must be a whole number from 0/],
    ['server.1=h:1:1', /must be/],
    ['server.1=h:1:2;2182', /clientPort=2181, but the server line says 2182/],
    ['server.1=h:1:2:observer', /an observer needs participants/],
    ['dynamicConfigFile=/nowhere', /\/nowhere: no file \/nowhere/],
    ['dynamicConfigFile=/x\nserver.1=h:1:2', /server lines belong in \/x/],
    ['a=\\u12', /zoo\.cfg:3: \\u needs four hexadecimal digits/],
    ['enforce.auth.enabled=true', /enforce\.auth\.schemes must name a scheme/],
    ['sessionRequireClientSASLAuth=true', /the scheme sasl is not there: it needs authProvider/],
  ]
  for (const [text, expected] of CASES) test(text, () => match(refusal(LEAST + text), expected))

  test('what has to be there', () => {
    match(refusal('clientPort=1'), /dataDir is not set/)
    match(refusal('dataDir=/d'), /clientPort is not set$/)
  })

  test('all of them at once, and none twice', () => {
    strictEqual(refusal('tickTime=x\nclientPort=y').split('\n').length, 3)
  })

  test('a property is named as it was set', () => {
    match(
      refusal(LEAST, { 'zookeeper.cnxTimeout': 'x' }),
      /^JVMFLAGS: zookeeper\.cnxTimeout=x: must/,
    )
  })
})

describe('names without effect are never passed over', () => {
  const CASES: readonly (readonly [string, RegExp])[] = [
    ['snapcount=5', /^warn zoo\.cfg:3: snapcount has no effect: unknown; did you mean snapCount\?/],
    ['tickTme=5', /did you mean tickTime\?/],
    ['dataDirLog=/l', /did you mean dataLogDir\?/],
    ['session.timeout.max=5', /did you mean maxSessionTimeout\?/],
    ['maxClientCnxnx=5', /did you mean maxClientCnxns\?/],
    ['frobnicate=5', /^warn zoo\.cfg:3: frobnicate has no effect: unknown$/],
    ['connectionMaxTokens=5', /misnames connection_throttle_tokens/],
    ['requestThrottleLimit=5', /misnames request_throttle_max_requests/],
    ['zookeeper.snapCount=5', /zookeeper\.snapCount has no effect: write snapCount/],
    ['zookeeper.tickTime=5', /zookeeper\.tickTime has no effect: write tickTime/],
    ['ringkeeper.silencems=5', /has no effect: unknown; did you mean ringkeeper\.silenceMs\?/],
    ['snapshotSizeFactor=1', /^info only matter in an ensemble: snapshotSizeFactor$/],
    ['ringkeeper.sessionSecret=0123456789abcdef', /^$/],
    ['jute.maxbuffer=5', /it is a system property, as with ZooKeeper: set -Djute\.maxbuffer/],
    ['audit.enable=true', /^$/],
    [
      'audit.impl.class=com.example.Mine',
      /^warn .*com\.example\.Mine: Java classes cannot be loaded/,
    ],
    ['audit.impl.class=org.apache.zookeeper.audit.Slf4jAuditLogger', /^$/],
    ['initLimit=10\nsyncLimit=5', /^info only matter in an ensemble: initLimit, syncLimit$/],
    ['nio.numWorkerThreads=5', /^info concern Java, .*: nio\.numWorkerThreads$/],
    ['autopurge.snapRetainCount=1', /^warn .*3 snapshots are kept/],
    ['forceSync=no', /^warn .*forceSync=no: IGNORED/],
    ['globalOutstandingLimit=70000', /65536 is used, the most allowed/],
  ]
  for (const [text, expected] of CASES) test(text, () => match(remarksOf(text), expected))

  for (const text of ['audit.enable=false', 'forceSync=yes', 'tickTime=1\ntickTime = 1']) {
    test(`${text} asks for nothing, so nothing is said`, () => strictEqual(remarksOf(text), ''))
  }

  const PROPERTIES: readonly (readonly [string, RegExp])[] = [
    ['snapCount', /JVMFLAGS: snapCount has no effect: write -Dzookeeper\.snapCount/],
    ['zookeeper.jute.maxbuffer', /write -Djute\.maxbuffer/],
    ['zookeeper.tickTime', /set tickTime in the configuration file/],
    ['zookeeper.initLimit', /has no effect, as with ZooKeeper: set initLimit in the configuration/],
    ['zookeeper.reconfigEnabled', /has no effect, as with ZooKeeper: set reconfigEnabled in the/],
    ['zookeeper.snapCuont', /did you mean zookeeper\.snapCount\?/],
    ['zookeeper.connectionMaxTokens', /misnames zookeeper\.connection_throttle_tokens/],
  ]
  for (const [name, expected] of PROPERTIES) {
    test(`-D${name}`, () => match(remarksOf('', { [name]: '5' }), expected))
  }
})

describe('secrets', () => {
  test('are in no message (CVE-2014-0085, CVE-2026-24308)', () => {
    const text =
      'ssl.keyStore.password=sesame\nssl.keyStore.password=sesame2\n' +
      'DigestAuthenticationProvider.superDigest=super:sesame\n'
    doesNotMatch(remarksOf(text), /sesame/)
    doesNotMatch(refusal(`${text}enforce.auth.enabled=true`), /sesame/)
    const short = refusal('ringkeeper.sessionSecret=sesame')
    match(short, /ringkeeper.sessionSecret=\*\*\*: must be at least 16 characters/)
    doesNotMatch(short, /sesame/)
  })
})

test('the dynamic configuration holds server lines only', () => {
  throws(
    () => read(`${LEAST}dynamicConfigFile=/c`, {}, () => 'tickTime=5'),
    /\/c:1: tickTime: only server lines are allowed here/,
  )
})
