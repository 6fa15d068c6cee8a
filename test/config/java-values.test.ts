// How each setting is read: what Java's methods make of a text, and what that means for the server.
// Compared with ZooKeeper 3.8 and 3.9's code, and with what a 3.8 server does with these values.

import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Configuration, ConfigurationError } from '../../config/configuration.ts'
import type { EnsembleOptions } from '../../config/ensemble/ensemble.ts'
import { propertyOf } from '../../config/java/flags.ts'
import { decodeNumber, parseNumber } from '../../config/java/numbers.ts'
import { GLOBAL_OUTSTANDING_MAX, JUTE_BUFFER_MAX, JUTE_ENTRY_MIN } from '../../config/limits.ts'
import { DEFAULTS, type ServerOptions } from '../../config/options.ts'
import { configurationFrom } from '../../config/zoo-cfg.ts'

const INT_MAX = 0x7fff_ffff
const EXACT_MAX = Number.MAX_SAFE_INTEGER

describe('numbers as Java reads them', () => {
  const CASES: readonly (readonly [
    text: string,
    parsed: number | undefined,
    decoded: number | undefined,
  ])[] = [
    ['5', 5, 5],
    ['+5', 5, 5],
    ['-5', -5, -5],
    ['0', 0, 0],
    ['-0', 0, 0],
    ['007', 7, 7],
    ['010', 10, 8],
    ['010000000', 10_000_000, 2_097_152],
    ['08', 8, undefined],
    ['0x9fffff', undefined, 10_485_759],
    ['0X9FFFFF', undefined, 10_485_759],
    ['#ff', undefined, 255],
    ['-#ff', undefined, -255],
    ['-0x10', undefined, -16],
    ['+0x10', undefined, 16],
    ['0x-10', undefined, undefined],
    ['--5', undefined, undefined],
    ['0x', undefined, undefined],
    ['#', undefined, undefined],
    ['', undefined, undefined],
    ['+', undefined, undefined],
    ['1e3', undefined, undefined],
    ['1_000', undefined, undefined],
    ['1.0', undefined, undefined],
    ['4M', undefined, undefined],
    ['2147483647', INT_MAX, INT_MAX],
    ['2147483648', undefined, undefined],
    ['-2147483648', -INT_MAX - 1, -INT_MAX - 1],
    ['-2147483649', undefined, undefined],
    ['0x7fffffff', undefined, INT_MAX],
    ['0x80000000', undefined, undefined],
    ['-0x80000000', undefined, -INT_MAX - 1],
    ['0xffffffff', undefined, undefined],
  ]
  for (const [text, parsed, decoded] of CASES) {
    test(JSON.stringify(text), () => {
      strictEqual(parseNumber(text, 'int') === parsed, true, `parsed ${parseNumber(text, 'int')}`)
      strictEqual(
        decodeNumber(text, 'int') === decoded,
        true,
        `decoded ${decodeNumber(text, 'int')}`,
      )
    })
  }

  test('longs', () => {
    strictEqual(parseNumber('2147483648', 'long'), 2_147_483_648)
    strictEqual(parseNumber('9223372036854775807', 'long'), EXACT_MAX)
    strictEqual(parseNumber('9223372036854775808', 'long'), undefined)
    strictEqual(decodeNumber('-0x8000000000000000', 'long'), -EXACT_MAX)
    strictEqual(decodeNumber('0x7fffffffffffffff', 'long'), EXACT_MAX)
    strictEqual(decodeNumber('9'.repeat(10_000), 'long'), undefined)
  })
})

const LEAST = 'dataDir=/d\nclientPort=2181\n'
const MEMBERS = 'initLimit=5\nsyncLimit=5\nserver.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\n'

function read(text: string): Configuration {
  // A name with a dot that no file has is a system property.
  const isProperty = /^(jute\.maxbuffer=|readonlymode|znode\.)/.test(text)
  const file = LEAST + MEMBERS + (isProperty ? '' : text)
  const [name = '', value = ''] = text.split('=')
  const properties = isProperty ? [propertyOf([name, value], 'JVMFLAGS')] : []
  return configurationFrom({ path: 'zoo.cfg', text: file }, properties, () => '1')
}

type Read = Partial<ServerOptions> & Partial<EnsembleOptions>
/** What is read, and what is said; refused where there is only a remark. */
type Case = readonly [text: string, read: Read | 'refused', said?: RegExp]

const DEFAULT = /must be a whole number .*; as with ZooKeeper, the default counts$/
const FALSE = /must be true or false; as with ZooKeeper, it counts as false$/

const CASES: Readonly<Record<string, readonly Case[]>> = {
  'Integer.parseInt, where anything else stops ZooKeeper': [
    ['tickTime=02000', { tickTimeMs: 2000 }],
    ['tickTime=+2000', { tickTimeMs: 2000 }],
    ['tickTime=0x7d0', 'refused', /must be a whole number from 1 to 2147483647/],
    ['tickTime=2147483647', { minSessionTimeoutMs: INT_MAX, maxSessionTimeoutMs: INT_MAX }],
    ['tickTime=2147483648', 'refused', /must be a whole number/],
    ['tickTime=-1', 'refused', /must be a whole number/],
    ['clientPort=02182', { clientPort: 2182 }, /is set again/],
    ['clientPort=65536', 'refused', /must be a whole number from 0 to 65535/],
    ['clientPortListenBacklog=0', { clientPortListenBacklog: 0 }],
    ['clientPortListenBacklog=-5', { clientPortListenBacklog: -5 }],
    ['maxClientCnxns=-1', { maxClientCnxns: 0 }],
    ['maxClientCnxns=2147483647', { maxClientCnxns: INT_MAX }],
    ['minSessionTimeout=0', { minSessionTimeoutMs: 1 }],
    ['minSessionTimeout=-7', { minSessionTimeoutMs: 1 }],
    ['maxSessionTimeout=0', 'refused', /minSessionTimeout 6000 is larger than .* 0$/],
    ['minSessionTimeout=-9\nmaxSessionTimeout=-8', 'refused', /every session would expire at once/],
    ['maxSessionTimeout=2147483647', { maxSessionTimeoutMs: INT_MAX }],
    ['initLimit=010', { initLimit: 10 }, /is set again/],
    ['initLimit=-1', 'refused', /initLimit -1 must be 1 or more/],
    ['connectToLearnerMasterLimit=-1', { connectToLearnerMasterLimit: 0 }],
    ['autopurge.snapRetainCount=-1', { snapRetainCount: 3 }, /3 snapshots are kept/],
    ['autopurge.purgeInterval=-1', { purge: false }],
    ['autopurge.purgeInterval=+1', { purge: true }],
    ['autopurge.purgeInterval=2147483648', 'refused', /must be a number of hours/],
    ['cnxTimeout=0', { cnxTimeoutMs: INT_MAX }],
    ['cnxTimeout=5s', 'refused', /must be a whole number from 0/],
    ['observerMasterPort=-1', {}],
  ],
  'Integer.parseInt and Long.parseLong, where ZooKeeper goes on without': [
    ['preAllocSize=010', { preAllocSizeBytes: 10_240 }],
    ['preAllocSize=0', { preAllocSizeBytes: 0 }],
    ['preAllocSize=-1', { preAllocSizeBytes: 0 }],
    ['preAllocSize=64M', { preAllocSizeBytes: DEFAULTS.preAllocSizeBytes }, DEFAULT],
    ['preAllocSize=0x10', { preAllocSizeBytes: DEFAULTS.preAllocSizeBytes }, DEFAULT],
    ['commitLogCount=5', { commitLogCount: 500 }, /500 is used, the least allowed/],
    ['commitLogCount=0600', { commitLogCount: 600 }],
    ['commitLogCount=many', { commitLogCount: 500 }, DEFAULT],
    ['snapshotSizeFactor=.5', { snapshotSizeFactor: 0.5 }],
    ['snapshotSizeFactor=1e-1d', { snapshotSizeFactor: 0.1 }],
    [
      'snapshotSizeFactor=1.5',
      { snapshotSizeFactor: 0.33 },
      /no more than 1; .*the default counts$/,
    ],
  ],
  'Integer.getInteger and Long.getLong': [
    ['jute.maxbuffer=0x9fffff', { juteMaxBuffer: 0x9f_ffff, juteMaxBufferExtraSize: 0x9f_ffff }],
    ['jute.maxbuffer=010000000', { juteMaxBuffer: 2_097_152 }],
    ['jute.maxbuffer=#ff', { juteMaxBuffer: 255, juteMaxBufferExtraSize: JUTE_ENTRY_MIN - 255 }],
    ['jute.maxbuffer=4096', { juteMaxBuffer: 4096, juteMaxBufferExtraSize: JUTE_ENTRY_MIN - 4096 }],
    [
      'jute.maxbuffer=0x7fffffff',
      { juteMaxBuffer: JUTE_BUFFER_MAX },
      /1073741824 is used, the most allowed/,
    ],
    ['jute.maxbuffer=0', { juteMaxBuffer: 0xf_ffff }, /would take no connection at all/],
    ['jute.maxbuffer=-1', { juteMaxBuffer: 0xf_ffff }, /would take no connection at all/],
    ['jute.maxbuffer=4M', { juteMaxBuffer: 0xf_ffff }, DEFAULT],
    ['jute.maxbuffer=', { juteMaxBuffer: 0xf_ffff }, DEFAULT],
    ['jute.maxbuffer=4294967296', { juteMaxBuffer: 0xf_ffff }, DEFAULT],
    [
      'jute.maxbuffer.extrasize=0',
      { juteMaxBufferExtraSize: 1024 },
      /1024 is used, the least allowed/,
    ],
    ['snapCount=0x100', { snapCount: 256 }],
    ['snapCount=-1', { snapCount: 2 }, /2 is used, the least allowed/],
    ['snapCount=x', { snapCount: DEFAULTS.snapCount }, DEFAULT],
    ['globalOutstandingLimit=0', { globalOutstandingLimit: 1 }, /1 is used, the least allowed/],
    ['globalOutstandingLimit=-5', { globalOutstandingLimit: 1 }, /1 is used, the least allowed/],
    [
      'globalOutstandingLimit=0x7fffffff',
      { globalOutstandingLimit: GLOBAL_OUTSTANDING_MAX },
      /most/,
    ],
    ['maxCnxns=-1', { maxCnxns: 0 }],
    ['maxCnxns=lots', { maxCnxns: 0 }, DEFAULT],
    ['snapSizeLimitInKb=-1', { snapSizeLimitBytes: -1 }],
    ['snapSizeLimitInKb=9223372036854775807', { snapSizeLimitBytes: EXACT_MAX * 1024 }],
    ['txnLogSizeLimitInKb=0', { txnLogSizeLimitBytes: -1 }],
    ['txnLogSizeLimitInKb=0x400', { txnLogSizeLimitBytes: 1 << 20 }],
    ['fsync.warningthresholdms=-1', { fsyncWarningThresholdMs: -1 }],
    ['fsync.warningthresholdms=9999999999', { fsyncWarningThresholdMs: 9_999_999_999 }],
    ['nio.sessionlessCnxnTimeout=0', { sessionlessCnxnTimeoutMs: 10_000 }, /needs a deadline/],
    ['nio.sessionlessCnxnTimeout=-1', { sessionlessCnxnTimeoutMs: 10_000 }, /needs a deadline/],
    ['nio.sessionlessCnxnTimeout=soon', { sessionlessCnxnTimeoutMs: 10_000 }, DEFAULT],
    ['znode.container.checkIntervalMs=0', 'refused', /must be 1 or more$/],
    ['znode.container.checkIntervalMs=0x10', { containerCheckIntervalMs: 16 }],
    [
      'znode.container.maxPerMinute=0',
      { containerMaxPerMinute: 0 },
      /no container is ever removed/,
    ],
    ['znode.container.maxPerMinute=-1', { containerMaxPerMinute: INT_MAX }],
    ['znode.container.maxNeverUsedIntervalMs=-1', { containerMaxNeverUsedIntervalMs: 1 }],
    ['electionPortBindRetry=-1', { electionPortBindRetry: 3 }, /less than 0 means 3/],
    ['electionPortBindRetry=often', { electionPortBindRetry: 3 }, DEFAULT],
    [
      'fastleader.minNotificationInterval=0',
      { minNotificationIntervalMs: 1 },
      /1 is used, the least allowed/,
    ],
    [
      'fastleader.maxNotificationInterval=100',
      { maxNotificationIntervalMs: 100 },
      /is larger than/,
    ],
  ],
  'Boolean.getBoolean and Boolean.parseBoolean': [
    ['digest.enabled=TRUE', { digestEnabled: true }],
    ['digest.enabled=yes', { digestEnabled: false }, FALSE],
    ['digest.enabled=', { digestEnabled: false }, FALSE],
    ['datadir.autocreate=1', { datadirAutocreate: false }, FALSE],
    ['serializeLastProcessedZxid.enabled=on', { serializeLastProcessedZxid: false }, FALSE],
    ['extendedTypesEnabled=yes', { extendedTypes: false }, FALSE],
    ['enforceQuota=1', { enforceQuota: false }, FALSE],
    ['clientTcpKeepAlive=yes', { clientTcpKeepAlive: false }, FALSE],
    ['snapshot.trust.empty=True', { snapshotTrustEmpty: true }],
    ['DigestAuthenticationProvider.enabled=yes', { digestAuthEnabled: false }, FALSE],
    ['readonlymode.enabled=yes', { readOnlyMode: false }, FALSE],
    ['enforce.auth.enabled=yes', {}, FALSE],
    ['sessionRequireClientSASLAuth=1', {}, FALSE],
  ],
  'true or false, where anything else stops ZooKeeper': [
    ['reconfigEnabled=True', { reconfigEnabled: true }],
    ['quorumListenOnAllIPs=yes', 'refused', /must be true or false/],
    ['standaloneEnabled=1', 'refused', /must be true or false/],
    ['syncEnabled=', 'refused', /must be true or false/],
  ],
  'yes or no': [
    ['skipACL=yes', { skipAcl: true }],
    ['skipACL=true', { skipAcl: false }, /must be yes or no, in small.*it counts as no$/],
    ['skipACL=YES', { skipAcl: false }, /it counts as no$/],
    ['leaderServes=false', { leaderServes: true }, /it counts as yes$/],
    ['leaderServes=No', { leaderServes: true }, /it counts as yes$/],
    ['forceSync=false', {}, /it counts as yes$/],
    ['forceSync=no', {}, /IGNORED/],
  ],
  words: [
    ['snapshot.compression.method=GZ', { snapshotCompressionMethod: 'gz' }],
    [
      'snapshot.compression.method=zip',
      { snapshotCompressionMethod: '' },
      /nothing is compressed$/,
    ],
    ['peerType=PARTICIPANT', { peerType: 'participant' }],
    ['peerType=leader', 'refused', /must be participant or observer/],
    ['root.logger=', { logLevel: 'info' }],
    ['DigestAuthenticationProvider.digestAlg=sha-512/256', { digestAlg: 'sha512-256' }],
    ['DigestAuthenticationProvider.digestAlg=none', 'refused', /must be SHA1 or/],
  ],
}

for (const [how, cases] of Object.entries(CASES)) {
  describe(how, () => {
    for (const [text, expected, said = /^$/] of cases) {
      test(text, () => {
        if (expected === 'refused') {
          throws(
            () => read(text),
            (error) => error instanceof ConfigurationError && said.test(error.message),
          )
          return
        }
        const { options, remarks } = read(text)
        const all = { ...options, ...options.ensemble }
        for (const [name, value] of Object.entries(expected)) {
          deepStrictEqual(all[name as keyof typeof all], value, name)
        }
        const warnings = remarks.filter(({ level }) => level === 'warn').map(({ text }) => text)
        match(warnings.join('\n'), said)
      })
    }
  })
}
