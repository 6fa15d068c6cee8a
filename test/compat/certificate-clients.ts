// How each client is asked for the children of the root, with a certificate or without. All of them try
// again for as long as they are not served.

import { fileURLToPath } from 'node:url'
import { classPath } from '../../perf/servers/apache-command.ts'
import { APACHE_MISSING, javaArguments } from '../support/apache.ts'
import type { Holder } from '../support/test-ca.ts'
import { C_CLIENT_MISSING } from './c-client.ts'
import { CURATOR_CONNECTS, CURATOR_JARS, CURATOR_MISSING } from './curator.ts'
import { KAZOO_MISSING, PYTHON } from './kazoo.ts'
import type { Invocation } from './running.ts'

const SHELL = 'org.apache.zookeeper.ZooKeeperMain'
const SOURCES = new URL('../../../test/compat/', import.meta.url)
const OUR_SHELL = fileURLToPath(new URL('../../bin/cli.js', import.meta.url))

export interface Credentials {
  /** Whom it trusts, in PEM. */
  readonly trusted: string
  readonly holder: Holder | null
}

export interface CertificateClient {
  readonly missing: string | false
  /** Whether it looks for the server's host in the server's certificate. */
  readonly checksHost: boolean
  /** Whether it can do without a certificate of its own. */
  readonly needsNone: boolean
  /** Java's show no certificate at all whose issuer the server does not name. */
  readonly hidesForeign: boolean
  /** `by` null: in plain text. */
  invoke(address: string, by: Credentials | null): Invocation
}

function javaFlags({ trusted, holder }: Credentials): string[] {
  const properties: Record<string, string> = {
    'client.secure': 'true',
    clientCnxnSocket: 'org.apache.zookeeper.ClientCnxnSocketNetty',
    'ssl.trustStore.location': trusted,
    ...(holder !== null && { 'ssl.keyStore.location': holder.both }),
  }
  return Object.entries(properties).map(([name, value]) => `-Dzookeeper.${name}=${value}`)
}

const java = (by: Credentials | null): string[] => (by === null ? [] : javaFlags(by))
const path = (name: string): string => fileURLToPath(new URL(name, SOURCES))
const shellArguments = (address: string): string[] => {
  return ['-timeout', '60000', '-waitforconnection', '-server', address, 'ls', '/']
}

/** By name. `cProgram`: the C client's shell, once it is compiled. */
export function certificateClients(
  cProgram: () => string,
): Readonly<Record<string, CertificateClient>> {
  return {
    kazoo: {
      missing: KAZOO_MISSING,
      checksHost: false,
      needsNone: true,
      hidesForeign: false,
      invoke: (address, by) => ({
        program: PYTHON,
        args: [
          path('kazoo/connects.py'),
          address,
          ...(by === null ? [] : [by.trusted, ...(by.holder === null ? [] : [by.holder.both])]),
        ],
      }),
    },
    'ZooKeeper’s shell': {
      missing: APACHE_MISSING,
      checksHost: true,
      needsNone: true,
      hidesForeign: true,
      invoke: (address, by) => ({
        program: 'java',
        args: [...javaArguments(SHELL, java(by)), ...shellArguments(address)],
      }),
    },
    Curator: {
      missing: CURATOR_MISSING,
      checksHost: true,
      needsNone: true,
      hidesForeign: true,
      invoke: (address, by) => {
        const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', ...java(by)]
        const jars = classPath(CURATOR_JARS)
        return {
          program: 'java',
          args: [...flags, '-cp', jars, CURATOR_CONNECTS, address],
        }
      },
    },
    'the C client': {
      missing: C_CLIENT_MISSING,
      checksHost: false,
      needsNone: false,
      hidesForeign: false,
      invoke: (address, by) => {
        const { holder = null, trusted = '' } = by ?? {}
        const files =
          holder === null ? [] : ['-s', `${trusted},${holder.certificate},${holder.key},`]
        return { program: cProgram(), args: ['-h', address, ...files, '-c', 'ls /'] }
      },
    },
    'our shell': {
      missing: false,
      checksHost: true,
      needsNone: true,
      hidesForeign: false,
      invoke: (address, by) => ({
        program: process.execPath,
        args: [OUR_SHELL, ...shellArguments(address)],
        env: { CLIENT_JVMFLAGS: java(by).join(' ') },
      }),
    },
  }
}
