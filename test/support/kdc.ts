// A Kerberos realm for tests: MIT's key distribution centre, on loopback, in a temporary folder.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePorts } from '../../perf/ensemble/ports.ts'
import { GssLibrary } from '../../runtime/kerberos/gss-library.ts'
import { skipUnless, successOf } from './foreign.ts'
import { removeFolder, temporaryFolder } from './own-server.ts'
import { until } from './until.ts'

const KDC = '/usr/sbin/krb5kdc'
const REALM = 'RINGKEEPER.TEST'
const READY_MS_MAX = 20_000

const library = await GssLibrary.load().catch((error: Error) => error)

/** Why tests with Kerberos cannot run here; false when they can or must. */
export const KERBEROS_MISSING: string | false = skipUnless(
  existsSync(KDC) && library instanceof GssLibrary,
  'Kerberos, or the package koffi,',
  'krb5-kdc krb5-admin-server krb5-user libgssapi-krb5-2 (and npm install)',
)

export class Kdc {
  readonly realm: string = REALM
  readonly #folder: string
  readonly #process: ChildProcess

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder
    this.#process = child
  }

  /** Makes the realm, starts its centre, and makes this process a part of it. */
  static async start(): Promise<Kdc> {
    const folder = temporaryFolder()
    const [port = 0] = await freePorts(1)
    writeConfiguration(folder, port)
    const env = environmentOf(folder)
    Object.assign(process.env, env)
    mkdirSync(join(folder, 'replays'))
    const args = ['create', '-s', '-P', 'a password of this test', '-r', REALM]
    successOf('kdb5_util', spawnSync('/usr/sbin/kdb5_util', args, { encoding: 'utf8' }))
    const kdc = new Kdc(folder, spawn(KDC, ['-n'], { stdio: 'ignore' }))
    await until('the centre to answer', READY_MS_MAX, () => canConnect(port))
    return kdc
  }

  /** krb5.conf. */
  get configuration(): string {
    return join(this.#folder, 'krb5.conf')
  }

  /** A file with the keys of these principals, which are made. */
  keyTab(name: string, ...principals: readonly string[]): string {
    const path = join(this.#folder, `${name}.keytab`)
    for (const principal of principals) {
      this.#admin(`addprinc -randkey ${principal}`)
      this.#admin(`ktadd -k ${path} ${principal}`)
    }
    return path
  }

  /** A ticket cache of the first principal of a key table. */
  tickets(keyTab: string, principal: string): string {
    const path = join(this.#folder, `${principal.replace('/', '-')}.tickets`)
    const args = ['-k', '-t', keyTab, '-c', `FILE:${path}`, principal]
    successOf('kinit', spawnSync('kinit', args, { encoding: 'utf8' }))
    return path
  }

  stop(): void {
    this.#process.kill('SIGKILL')
    for (const name of Object.keys(environmentOf(''))) delete process.env[name]
    removeFolder(this.#folder)
  }

  #admin(query: string): void {
    const args = ['-r', REALM, '-q', query]
    successOf(query, spawnSync('/usr/sbin/kadmin.local', args, { encoding: 'utf8' }))
  }
}

function environmentOf(folder: string): Record<string, string> {
  return {
    KRB5_CONFIG: join(folder, 'krb5.conf'),
    KRB5_KDC_PROFILE: join(folder, 'kdc.conf'),
    KRB5CCNAME: join(folder, 'no.tickets'),
    KRB5RCACHEDIR: join(folder, 'replays'),
  }
}

function writeConfiguration(folder: string, port: number): void {
  writeFileSync(
    join(folder, 'krb5.conf'),
    `[libdefaults]
 default_realm = ${REALM}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
[realms]
 ${REALM} = {
  kdc = 127.0.0.1:${port}
 }
`,
  )
  writeFileSync(
    join(folder, 'kdc.conf'),
    `[kdcdefaults]
 kdc_listen = 127.0.0.1:${port}
 kdc_tcp_listen = 127.0.0.1:${port}
[realms]
 ${REALM} = {
  database_name = ${join(folder, 'principal')}
  key_stash_file = ${join(folder, 'stash')}
  acl_file = ${join(folder, 'acl')}
 }
`,
  )
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const settle = (can: boolean) => (): void => {
      socket.destroy()
      resolve(can)
    }
    socket.once('connect', settle(true)).once('error', settle(false))
  })
}
