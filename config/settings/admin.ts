// Settings of the admin server, which answers commands over HTTP.

import type { MissingFeature } from '../names/missing-features.ts'
import { checked, DECODED_INT, type Kind, mapped, nearest, SWITCH, TEXT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface AdminSettings {
  readonly adminEnableServer: boolean
  readonly adminServerAddress: string
  /** 0 lets the system choose. */
  readonly adminServerPort: number
  /** Begins with a slash, and does not end with one. */
  readonly adminCommandUrl: string
  readonly adminIdleTimeoutMs: number
  readonly adminPortUnification: boolean
  readonly adminForceHttps: boolean
  readonly adminNeedClientAuth: boolean
  readonly adminRateLimiterIntervalMs: number
  readonly adminSnapshotEnabled: boolean
}

const PORT_MAX = 65_535
const IDLE_MS_MIN = 100

/** As Java's Integer.getInteger reads it. */
const DECODED_PORT: Kind<number> = checked(DECODED_INT, (value) =>
  value < 0 || value > PORT_MAX
    ? { value: undefined, remark: 'there is no such port; the default counts' }
    : { value, remark: null },
)

const URL_PATH: Kind<string> = mapped(TEXT, (text) => `/${text.replace(/^\/+|\/+$/g, '')}`)

export const ADMIN: Chapter<AdminSettings> = {
  title: 'The admin server',
  scope: 'server',
  options: {
    adminEnableServer: {
      key: 'admin.enableServer',
      from: 'both',
      kind: SWITCH,
      default: 'true',
      where: 'runtime/admin',
      meaning: 'Answers commands over HTTP. A server that cannot get the port says so and goes on.',
    },
    adminServerAddress: {
      key: 'admin.serverAddress',
      from: 'both',
      kind: mapped(TEXT, (text) => text.replace(/^\[(.*)\]$/, '$1')),
      default: '127.0.0.1',
      where: 'runtime/admin',
      meaning:
        'The address to listen on; by default only this machine. ZooKeeper’s default is `0.0.0.0`.',
    },
    adminServerPort: {
      key: 'admin.serverPort',
      from: 'both',
      kind: DECODED_PORT,
      default: '8080',
      where: 'runtime/admin',
      meaning: '0 lets the system choose.',
    },
    adminCommandUrl: {
      key: 'admin.commandURL',
      from: 'both',
      kind: URL_PATH,
      default: '/commands',
      where: 'runtime/admin',
      meaning: 'The path under which the commands are.',
    },
    adminIdleTimeoutMs: {
      key: 'admin.idleTimeout',
      from: 'both',
      kind: nearest(DECODED_INT, IDLE_MS_MIN),
      default: '30000',
      where: 'runtime/admin',
      meaning: 'Milliseconds after which an idle connection is closed.',
    },
    adminPortUnification: {
      key: 'admin.portUnification',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'config',
      meaning: 'HTTPS and HTTP on one port. HTTPS uses the stores that `ssl.quorum.*` names.',
    },
    adminForceHttps: {
      key: 'admin.forceHttps',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'runtime/admin',
      meaning: 'HTTPS and nothing else.',
    },
    adminNeedClientAuth: {
      key: 'admin.needClientAuth',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'runtime/admin',
      meaning:
        'Clients over HTTPS must show a certificate that the trust store vouches for. Needs one of the two settings above.',
    },
    adminRateLimiterIntervalMs: {
      key: 'admin.rateLimiterIntervalInMS',
      from: 'both',
      kind: nearest(DECODED_INT, 0),
      default: '300000',
      where: 'runtime/admin',
      meaning: 'The least time between two snapshots by command, in milliseconds.',
    },
    adminSnapshotEnabled: {
      key: 'admin.snapshot.enabled',
      from: 'both',
      kind: SWITCH,
      default: 'true',
      where: 'runtime/admin',
      meaning: 'Whether administrators may take a snapshot by command.',
    },
  },
  inputs: {},
}

export const MISSING_ADMIN: MissingFeature = {
  names: 'admin.httpVersion admin.restore.',
  asked: () => false,
  problem: 'the admin server speaks HTTP/1.1, and restores nothing',
}

/** Whether the admin server is to speak TLS. */
export function adminTakesTls(
  settings: Pick<AdminSettings, 'adminEnableServer' | 'adminForceHttps' | 'adminPortUnification'>,
): boolean {
  const { adminEnableServer, adminForceHttps, adminPortUnification } = settings
  return adminEnableServer && (adminForceHttps || adminPortUnification)
}
