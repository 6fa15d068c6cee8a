// Configurations as they are met: of images, charts, operators, distributions and tutorials, and of
// mistakes that are common. Each starts with ZooKeeper, so it starts here; a warning is there for what
// it asks for and does not get, and for nothing else.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configurationFrom } from '../../config/zoo-cfg.ts'

const LEAST = ['dataDir=/d', 'clientPort=2181']
const SMALL = ['tickTime=2000', 'initLimit=10', 'syncLimit=5', ...LEAST]
const THREE = ['server.1=a:2888:3888', 'server.2=b:2888:3888', 'server.3=c:2888:3888']
const ALONE =
  'zoo.cfg: no server failure will be tolerated; you need at least 3 participants (there is 1)'

interface Case {
  readonly lines: readonly string[]
  /** What dynamicConfigFile names. */
  readonly dynamic?: readonly string[]
  readonly myid?: string
  readonly member?: number
  readonly warnings?: readonly string[]
}

const CASES: Readonly<Record<string, Case>> = {
  'the image, standalone, for monitoring': {
    lines: [
      'dataDir=/data',
      'dataLogDir=/datalog',
      'tickTime=2000',
      'initLimit=5',
      'syncLimit=2',
      'autopurge.snapRetainCount=3',
      'autopurge.purgeInterval=0',
      'maxClientCnxns=60',
      'standaloneEnabled=true',
      'admin.enableServer=true',
      'server.1=localhost:2888:3888;2181',
      '4lw.commands.whitelist=*',
      'metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
      'metricsProvider.httpPort=7000',
      'metricsProvider.exportJvmInfo=true',
    ],
    warnings: [],
  },
  'a chart of a vendor, three servers': {
    lines: [
      ...SMALL,
      'maxCnxns=0',
      'preAllocSize=65536',
      'snapCount=100000',
      'reconfigEnabled=false',
      'quorumListenOnAllIPs=false',
      '4lw.commands.whitelist=srvr, mntr, ruok',
      'maxSessionTimeout=40000',
      'admin.enableServer=false',
      'admin.serverPort=8080',
      'server.1=a:2888:3888;2181',
      'server.2=b:2888:3888;2181',
      'server.3=c:2888:3888;2181',
    ],
    myid: '2\n',
    member: 2,
  },
  'manifests with groups and weights for equal servers, and a yes/no key that is true': {
    lines: [
      ...SMALL,
      'maxTimeToWaitForEpoch=2000',
      'maxSessionTimeout=60000000',
      'preAllocSize=131072',
      'snapCount=3000000',
      'leaderServes=yes',
      'standaloneEnabled=false',
      'skipACL=true',
      'fastleader.maxNotificationInterval=10000',
      ...THREE,
      'group.1=1:2:3',
      'weight.1=10',
      'weight.2=1',
      'weight.3=1',
      'weight.4=1',
    ],
    member: 1,
    warnings: [
      "zoo.cfg:6: maxTimeToWaitForEpoch has no effect: ZooKeeper's documentation misnames leader.maxTimeToWaitForEpoch",
      'zoo.cfg:12: skipACL=true: must be yes or no, in small letters; as with ZooKeeper, it counts as no',
      'zoo.cfg: weight.4: there is no server.4',
    ],
  },
  'one server of an operator, to which others are added': {
    lines: [
      'dataDir=/data',
      'standaloneEnabled=false',
      'reconfigEnabled=true',
      'skipACL=yes',
      'initLimit=10',
      'syncLimit=2',
      'commitLogCount=500',
      'snapSizeLimitInKb=4194304',
      'dynamicConfigFile=/data/dynamic',
    ],
    dynamic: ['server.1=a:2888:3888:participant;0.0.0.0:2181'],
    member: 1,
    warnings: [ALONE],
  },
  'a dynamic configuration of a later version': {
    lines: ['dataDir=/data', 'initLimit=10', 'syncLimit=2', 'dynamicConfigFile=/data/d.100000002'],
    dynamic: [
      'server.1=a:2888:3888:participant;0.0.0.0:2181',
      'server.2=b:2888:3888:participant;0.0.0.0:2181',
      'server.3=c:2888:3888:observer;0.0.0.0:2181',
      'server.4=d:2888:3888:participant;0.0.0.0:2181',
    ],
    myid: '4',
    member: 4,
  },
  'a platform’s environment, key by key': {
    lines: [
      ...SMALL,
      'group.1=1:2:3',
      'jute.maxbuffer=4194304',
      'cnxTimeout=5000',
      'forceSync=yes',
      'syncEnabled=true',
      'electionAlg=3',
      'clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNIO',
      'tcpKeepAlive=true',
      ...THREE,
    ],
    member: 1,
    warnings: [
      'zoo.cfg:7: jute.maxbuffer has no effect: it is a system property, as with ZooKeeper: set -Djute.maxbuffer=... in SERVER_JVMFLAGS',
    ],
  },
  'a Hadoop distribution’s manager': {
    lines: [
      ...SMALL,
      'minSessionTimeout=4000',
      'maxSessionTimeout=60000',
      'autopurge.purgeInterval=24',
      'autopurge.snapRetainCount=5',
      'quorum.auth.enableSasl=false',
      'quorum.cnxn.threads.size=20',
      'admin.enableServer=false',
      'admin.serverPort=5181',
      ...THREE,
      'leaderServes=yes',
    ],
    member: 1,
  },
  'Kerberos, as tutorials have it': {
    lines: [
      ...SMALL,
      'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider',
      'jaasLoginRenew=3600000',
      'requireClientAuthScheme=sasl',
      'kerberos.removeHostFromPrincipal=true',
    ],
    warnings: [
      'zoo.cfg:8: requireClientAuthScheme has no effect, as with ZooKeeper: ' +
        'sessionRequireClientSASLAuth=true keeps out who has not authenticated',
      'no client can authenticate with SASL: java.security.auth.login.config must name a JAAS file ' +
        'with a section Server, in SERVER_JVMFLAGS',
    ],
  },
  'TLS for clients, with stores whose passwords are nobody’s business': {
    lines: [
      ...LEAST,
      'secureClientPort=2182',
      'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
      'authProvider.x509=org.apache.zookeeper.server.auth.X509AuthenticationProvider',
      'ssl.keyStore.location=/k.jks',
      'ssl.keyStore.password=sesame',
      'ssl.clientAuth=none',
    ],
  },
  'a test harness’s single server': {
    lines: [
      'admin.enableServer=false',
      'tickTime=500',
      ...SMALL.slice(1),
      'reconfigEnabled=true',
      '4lw.commands.whitelist=*',
      'standaloneEnabled=false',
      'server.1=127.0.0.1:2888:3888',
    ],
    member: 1,
    warnings: [ALONE],
  },
  'an observer across a wide network, lines with colons': {
    lines: [...SMALL, 'server.1:a:2888:3888', 'server.2:b:2888:3888', 'server.3:c:2888:3888']
      .concat('server.4:d:2888:3888:observer', 'peerType=observer')
      .map((line) => `${line}   `),
    myid: '4',
    member: 4,
  },
  'IPv6 throughout': {
    lines: [
      ...SMALL,
      'clientPortAddress=[2001:db8::1]',
      'server.1=[2001:db8::1]:2888:3888',
      'server.2=[2001:db8::2]:2888:3888',
      'server.3=[2001:db8::3]:2888:3888',
    ],
    member: 1,
  },
  'every address for the own line, blanks around the signs': {
    lines: [...SMALL, 'server.1=0.0.0.0:2888:3888', ...THREE.slice(1)].map((line) =>
      line.replace('=', ' = '),
    ),
    member: 1,
  },
  'a template without the name of its own machine': {
    lines: [...SMALL, 'server.1=:2888:3888', ...THREE.slice(1)],
    member: 1,
    warnings: [
      'zoo.cfg:6: server.1=:2888:3888: an empty host means localhost, as with ZooKeeper: no other machine reaches it',
    ],
  },
  'weights of a billion and more': {
    lines: [...SMALL, ...THREE, 'group.1=1:2:3', 'weight.1=9999999999', 'weight.2=9999999999'],
    member: 1,
  },
  'lines that a start appended once more': {
    lines: [...SMALL, ...THREE, 'clientPort=2181', ...THREE],
    member: 1,
  },
  'stray text, a stray letter, a key of another program': {
    lines: ['zoo.cfg', 'i# The number of ticks', ...SMALL, 'zookeeper.set.acl=true'],
    warnings: [
      'zoo.cfg:1: zoo.cfg has no effect: unknown',
      'zoo.cfg:2: i# has no effect: unknown',
      'zoo.cfg:8: zookeeper.set.acl has no effect: unknown',
    ],
  },
  'keys written with zookeeper. in front': {
    lines: [...SMALL, 'zookeeper.admin.enableServer=true', 'zookeeper.electionPortBindRetry=0'],
    warnings: [
      'zoo.cfg:6: zookeeper.admin.enableServer has no effect: write admin.enableServer',
      'zoo.cfg:7: zookeeper.electionPortBindRetry has no effect: write electionPortBindRetry',
    ],
  },
  'a template that set dataDir twice': {
    lines: [...SMALL, 'dataDir=/other'],
    warnings: ['zoo.cfg:6: dataDir is set again (before: line 4); /other counts'],
  },
  'one server with a line, as a tutorial’s first step, and any myid': {
    lines: [...SMALL, 'server.1=localhost:2888:3888'],
    myid: '7',
  },
  'limits of an ensemble that a server on its own does not have': {
    lines: ['tickTime=2000', 'initLimit=0', 'syncLimit=0', ...LEAST],
  },
}

describe('configurations as they are met', () => {
  for (const [name, { lines, dynamic, myid = '1', member, warnings = [] }] of Object.entries(
    CASES,
  )) {
    test(name, () => {
      const readFile = (path: string): string =>
        path.endsWith('myid') ? myid : (dynamic ?? []).join('\n')
      const file = { path: 'zoo.cfg', text: lines.join('\r\n') }
      const { options, remarks } = configurationFrom(file, [], readFile)
      deepStrictEqual(options.ensemble === null ? undefined : options.serverId, member)
      deepStrictEqual(
        remarks.filter(({ level }) => level === 'warn').map(({ text }) => text),
        warnings,
      )
    })
  }
})
