// ZooKeeper's C client with TLS and SASL, which Debian builds without: compiled from Debian's sources.
// ZOOKEEPER_SOURCE names the folder with them.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { classPath } from '../../perf/servers/apache-command.ts'
import { APACHE_MISSING } from '../support/apache.ts'
import { runs, successOf } from '../support/foreign.ts'

const SOURCE: string = process.env['ZOOKEEPER_SOURCE'] ?? '/usr/src/apache-zookeeper-3.8.0'
const CLIENT = join(SOURCE, 'zookeeper-client/zookeeper-client-c')
const JUTE = join(SOURCE, 'zookeeper-jute/src/main/resources/zookeeper.jute')
const JUTE_COMPILER = 'org.apache.jute.compiler.generated.Rcc'

/** Why it cannot be compiled here; false if it can. The sources are no package that CI could install. */
export const C_CLIENT_MISSING: string | false = missing()

export const C_SASL_MISSING: string | false =
  C_CLIENT_MISSING !== false || existsSync('/usr/include/sasl/sasl.h')
    ? C_CLIENT_MISSING
    : 'Cyrus SASL is not here: apt-get install libsasl2-dev libsasl2-modules'

function missing(): string | false {
  if (!existsSync(join(CLIENT, 'src/cli.c'))) {
    return `ZooKeeper's sources are not in ${SOURCE}: apt-get source zookeeper`
  }
  if (!existsSync('/usr/include/openssl/ssl.h')) {
    return 'OpenSSL is not here: apt-get install libssl-dev'
  }
  return runs('gcc', ['--version'])
    ? APACHE_MISSING
    : 'gcc is not here: apt-get install gcc libc6-dev'
}

/** What ./configure would find out; and a function that OpenSSL has no more. */
const CONFIG = `#include <netinet/tcp.h>
#define PACKAGE_STRING "3.8.0"
#define FIPS_mode() 0
`

/** Compiles it in a new folder of that one. Its shell, with threads. */
export function compileCClient(parent: string): string {
  const folder = join(parent, 'c-client')
  mkdirSync(folder)
  writeFileSync(join(folder, 'config.h'), CONFIG)
  const made = ['-cp', classPath(), JUTE_COMPILER, '-l', 'c', JUTE]
  successOf('the compiler of jute', spawnSync('java', made, { cwd: folder, encoding: 'utf8' }))
  const sources = ['src', 'src/hashtable'].flatMap((name) =>
    readdirSync(join(CLIENT, name))
      .filter((file) => file.endsWith('.c') && !NOT_COMPILED.has(file))
      .map((file) => join(CLIENT, name, file)),
  )
  const program = join(folder, 'cli_mt')
  const withSasl = C_SASL_MISSING === false
  const args = [
    ...['-O1', '-w', `-I${folder}`, `-I${join(CLIENT, 'include')}`, `-I${join(CLIENT, 'src')}`],
    ...['-D_GNU_SOURCE', '-DTHREADED', '-DUSE_STATIC_LIB', '-DHAVE_OPENSSL_H', '-DHAVE_POLL'],
    ...(withSasl ? ['-DHAVE_CYRUS_SASL_H'] : []),
    ...['-o', program, ...sources, join(folder, 'zookeeper.jute.c')],
    ...['-lssl', '-lcrypto', '-lpthread', '-lm', ...(withSasl ? ['-lsasl2'] : [])],
  ]
  successOf('gcc', spawnSync('gcc', args, { encoding: 'utf8' }))
  return program
}

/** Other programs, other systems, and the client without threads. */
const NOT_COMPILED: ReadonlySet<string> = new Set(['load_gen.c', 'st_adaptor.c', 'winport.c'])
