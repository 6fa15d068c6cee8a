// Settings: the port for clients, their connections, requests and sessions.

import { GLOBAL_OUTSTANDING_MAX, JUTE_BUFFER_MAX, JUTE_EXTRA_MIN } from '../limits.ts'
import {
  ANY_INTEGER,
  checked,
  DECODED_INT,
  integer,
  type Kind,
  mapped,
  nearest,
  PORT,
  SWITCH,
  strict,
} from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface ClientSettings {
  /** -1: a member that has no clients. */
  readonly clientPort: number
  /** Null binds every address. */
  readonly clientPortAddress: string | null
  /** Sockets waiting to be accepted; -1 leaves it to the system. */
  readonly clientPortListenBacklog: number
  readonly clientTcpKeepAlive: boolean
  readonly tickTimeMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  /** Connections from one address; 0 is no limit. */
  readonly maxClientCnxns: number
  /** Connections in all; 0 is no limit. */
  readonly maxCnxns: number
  /** Requests accepted and not yet answered, in all. */
  readonly globalOutstandingLimit: number
  /** A connection without a finished handshake is closed this long after its accept. */
  readonly sessionlessCnxnTimeoutMs: number
  /** The longest frame a client may send, in bytes. */
  readonly juteMaxBuffer: number
  /** What transactions may have beyond `juteMaxBuffer`. */
  readonly juteMaxBufferExtraSize: number
  /** Whether reads are served to clients that allow it while there is no quorum. */
  readonly readOnlyMode: boolean
}

const LOOPBACK = '127.0.0.1'

/** As InetAddress.getByName: an IPv6 address may stand in brackets, and no text is this machine. */
export const HOST: Kind<string> = checked(
  strict('a host', (text) => text.replace(/^\[(.*)\]$/, '$1')),
  (value) =>
    value === ''
      ? {
          value: LOOPBACK,
          remark: `as with ZooKeeper, that is ${LOOPBACK}: no other machine connects`,
        }
      : { value, remark: null },
)

/** Nothing below 0 is a limit either. */
const noLimitBelow0 = (value: number): number => Math.max(0, value)

/** -1 stands for the default. Whether they can be is seen when both are there. */
const SESSION_TIMEOUT: Kind<number> = mapped(ANY_INTEGER, (value) =>
  value === -1 ? undefined : value,
)

const HANDSHAKE_MS: Kind<number> = checked(DECODED_INT, (value) =>
  value < 1
    ? { value: undefined, remark: 'a handshake needs a deadline; the default counts' }
    : { value, remark: null },
)

const REQUEST_BYTES: Kind<number> = checked(DECODED_INT, (value) =>
  value < 1
    ? {
        value: undefined,
        remark: 'ZooKeeper would take no connection at all; the default counts',
      }
    : { value, remark: null },
)

export const CLIENTS: Chapter<ClientSettings> = {
  title: 'Clients and sessions',
  scope: 'server',
  inputs: {},
  options: {
    clientPort: {
      key: 'clientPort',
      from: 'file',
      kind: PORT,
      default: { value: 2181, said: 'required' },
      where: 'runtime/net',
      meaning:
        'Where clients connect. 0 lets the system choose. A `server.N` line with `;port` will do ' +
        'instead; a member of an ensemble may have neither, and no clients.',
    },
    clientPortAddress: {
      key: 'clientPortAddress',
      from: 'file',
      kind: HOST,
      default: { value: null, said: 'all' },
      where: 'runtime/net',
      meaning: 'The address to listen on.',
    },
    clientPortListenBacklog: {
      key: 'clientPortListenBacklog',
      from: 'file',
      kind: ANY_INTEGER,
      default: '-1',
      where: 'runtime/net',
      meaning: 'Connections waiting to be accepted; -1 is 4096. The system has a limit too.',
    },
    clientTcpKeepAlive: {
      key: 'clientTcpKeepAlive',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'runtime/net',
      meaning: 'TCP keep-alive.',
    },
    tickTimeMs: {
      key: 'tickTime',
      from: 'file',
      kind: integer(1),
      default: '3000',
      where: 'actors',
      meaning: 'Milliseconds; the unit of session times.',
    },
    minSessionTimeoutMs: {
      key: 'minSessionTimeout',
      from: 'file',
      kind: SESSION_TIMEOUT,
      default: { value: 6000, said: '2 ticks' },
      where: 'actors/sessions',
      meaning: 'Milliseconds. Clients that ask for less get this.',
    },
    maxSessionTimeoutMs: {
      key: 'maxSessionTimeout',
      from: 'file',
      kind: SESSION_TIMEOUT,
      default: { value: 60_000, said: '20 ticks' },
      where: 'actors/sessions',
      meaning: 'Milliseconds. Clients that ask for more get this.',
    },
    maxClientCnxns: {
      key: 'maxClientCnxns',
      from: 'file',
      kind: mapped(ANY_INTEGER, noLimitBelow0),
      default: '60',
      where: 'runtime/net',
      meaning: 'Connections from one address; 0 is no limit.',
    },
    maxCnxns: {
      key: 'maxCnxns',
      from: 'both',
      kind: mapped(DECODED_INT, noLimitBelow0),
      default: '0',
      where: 'runtime/net',
      meaning: 'Connections in all; 0 is no limit.',
    },
    globalOutstandingLimit: {
      key: 'globalOutstandingLimit',
      from: 'both',
      kind: nearest(DECODED_INT, 1, GLOBAL_OUTSTANDING_MAX),
      default: '1000',
      where: 'runtime/net',
      meaning: `Requests under way in the server; ${GLOBAL_OUTSTANDING_MAX} at most.`,
    },
    sessionlessCnxnTimeoutMs: {
      key: 'nio.sessionlessCnxnTimeout',
      from: 'both',
      kind: HANDSHAKE_MS,
      default: '10000',
      where: 'runtime/net',
      meaning: "Milliseconds for a client's handshake.",
    },
    juteMaxBuffer: {
      key: 'jute.maxbuffer',
      from: 'property',
      kind: nearest(REQUEST_BYTES, 1, JUTE_BUFFER_MAX),
      default: '1048575',
      where: 'runtime/net',
      meaning: 'The longest request, in bytes.',
    },
    juteMaxBufferExtraSize: {
      key: 'jute.maxbuffer.extrasize',
      from: 'both',
      kind: nearest(DECODED_INT, JUTE_EXTRA_MIN, JUTE_BUFFER_MAX),
      default: { value: 1_048_575, said: '`jute.maxbuffer`' },
      where: 'runtime/hosts',
      meaning: 'Bytes that a transaction may have beyond that.',
    },
    readOnlyMode: {
      key: 'readonlymode.enabled',
      from: 'property',
      kind: SWITCH,
      default: 'false',
      where: 'runtime/hosts/zab-host.ts',
      meaning:
        'A member that has had no leader for two seconds serves reads to clients that allow ' +
        'read-only connections, in new sessions of its own if `localSessionsEnabled`. It sends ' +
        'others away. Allows the word `isro`.',
    },
  },
}
