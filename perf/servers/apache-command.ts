// How Debian's Apache ZooKeeper is run: its jars, its main class, the command of its own scripts.
// ZOOKEEPER_CLASSPATH names jars elsewhere.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const JAVA_FOLDER = '/usr/share/java'
export const SERVER_MAIN = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
const JARS = [
  'zookeeper',
  'zookeeper-jute',
  'slf4j-api',
  'slf4j-nop',
  'netty-common',
  'netty-buffer',
  'netty-codec',
  'netty-handler',
  'netty-transport',
  'netty-resolver',
  'commons-cli',
  'snappy-java',
  'metrics-core',
  'jackson-core',
  'jackson-databind',
  'jackson-annotations',
]
const { ZOOKEEPER_CLASSPATH: given } = process.env

/** Whether its jars are there; Java itself is another question. */
export const HAS_JARS: boolean =
  given !== undefined || existsSync(join(JAVA_FOLDER, 'zookeeper.jar'))

/** The class path, with other jars of Debian's, by name. */
export function classPath(others: readonly string[] = []): string {
  const jars = (names: readonly string[]): string =>
    names.map((name) => join(JAVA_FOLDER, `${name}.jar`)).join(':')
  return [given ?? jars(JARS), ...(others.length > 0 ? [jars(others)] : [])].join(':')
}

/** The class path with which its log goes to standard error; `others` as there. */
export function loggingClassPath(others: readonly string[] = []): string {
  // The first of two loggers is taken.
  return `${join(JAVA_FOLDER, 'slf4j-simple.jar')}:${classPath(others)}`
}

/** As apacheCommand, with a log on standard error. */
export function loggingApacheCommand(): string[] {
  return apacheCommand().map((part) => (part === classPath() ? loggingClassPath() : part))
}

/** Program and arguments to put before a zoo.cfg, with the flags of ZooKeeper's zkServer.sh and the
 * heap of its zkEnv.sh (ZK_SERVER_HEAP). It logs nothing, which can only help it. */
export function apacheCommand(heapMb: number = 1000): string[] {
  if (!HAS_JARS) throw new Error('Apache ZooKeeper is not installed: apt-get install zookeeper')
  return [
    'java',
    '-XX:+HeapDumpOnOutOfMemoryError',
    // Not into the folder that this was started in.
    '-XX:HeapDumpPath=/dev/null',
    '-XX:OnOutOfMemoryError=kill -9 %p',
    `-Xmx${heapMb}m`,
    '-Dcom.sun.management.jmxremote',
    '-Dcom.sun.management.jmxremote.local.only=true',
    '-cp',
    classPath(),
    SERVER_MAIN,
  ]
}
