// Settings of an ensemble: how its members follow a leader, and what a learner is sent.

import {
  ANY_INTEGER,
  BOOLEAN,
  decimal,
  FRACTION,
  integer,
  mapped,
  nearest,
  oneOf,
  UNLESS_NO,
} from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface ReplicationSettings {
  /** Ticks that followers may take to connect to a leader and to catch up; at least 1. */
  readonly initLimit: number
  /** Ticks that a follower may lag behind its leader; at least 1. */
  readonly syncLimit: number
  /** Ticks that a connection to the leader may take to open; 0 stands for `initLimit`. */
  readonly connectToLearnerMasterLimit: number
  /** Whether a leader serves clients of its own. */
  readonly leaderServes: boolean
  /** Whether there are new sessions in read-only mode. */
  readonly localSessionsEnabled: boolean
  /** Committed transactions kept for learners that were away. */
  readonly commitLogCount: number
  /** A learner that needs older ones is sent them from the log if they take no more than this
   * fraction of a snapshot's size; negative: never. */
  readonly snapshotSizeFactor: number
  /** How often members give a sign of life. */
  readonly heartbeatMs: number
  /** How long a leader may be silent; more than `heartbeatMs`. */
  readonly silenceMs: number
  /** The same if a quorum hears nothing of it. */
  readonly agreedSilenceMs: number
}

export interface ReplicationInputs {
  /** Null: what the server's line says. */
  readonly peerType: 'participant' | 'observer' | null
  readonly observerMasterPort: number
  readonly syncEnabled: boolean
  readonly localSessionsUpgradingEnabled: boolean
}

const COMMITS_MIN = 500
const MINUTE_MS = 60_000

export const REPLICATION: Chapter<ReplicationSettings, ReplicationInputs> = {
  title: 'Following a leader',
  scope: 'ensemble',
  options: {
    initLimit: {
      key: 'initLimit',
      from: 'file',
      // ZooKeeper takes any number, but no ensemble could work with less than one.
      kind: ANY_INTEGER,
      default: { value: 0, said: 'required' },
      where: 'actors/zab',
      meaning:
        'Ticks for a server to connect to the leader and catch up. They start again as long as bytes ' +
        'come and go. A disk that is writing a snapshot may take twenty times as long.',
    },
    syncLimit: {
      key: 'syncLimit',
      from: 'file',
      kind: ANY_INTEGER,
      default: { value: 0, said: 'required' },
      where: 'actors/zab',
      meaning: 'Ticks that a server may lag behind the leader.',
    },
    connectToLearnerMasterLimit: {
      key: 'connectToLearnerMasterLimit',
      from: 'file',
      // Below 1 there is no limit of its own.
      kind: mapped(ANY_INTEGER, (value) => Math.max(0, value)),
      default: { value: 0, said: '`initLimit`' },
      where: 'runtime/peer',
      meaning: 'Ticks that a connection to the leader may take to open.',
    },
    leaderServes: {
      key: 'leaderServes',
      from: 'both',
      kind: UNLESS_NO,
      default: 'yes',
      where: 'runtime/net',
      meaning:
        '`no` keeps clients off the leader: it closes their connections, and they go to another server.',
    },
    localSessionsEnabled: {
      key: 'localSessionsEnabled',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: 'runtime/net',
      meaning:
        'In read-only mode, clients get new sessions. Otherwise every session is known to all servers.',
      remark: {
        at: 'on',
        text: 'only has an effect in read-only mode: otherwise every session is known to all servers',
      },
    },
    commitLogCount: {
      key: 'commitLogCount',
      from: 'both',
      kind: nearest(decimal('int'), COMMITS_MIN),
      default: '500',
      where: 'actors/zab',
      meaning: `Transactions kept in memory for servers that were away for a while; ${COMMITS_MIN} at least.`,
    },
    snapshotSizeFactor: {
      key: 'snapshotSizeFactor',
      from: 'both',
      kind: FRACTION,
      default: '0.33',
      where: 'actors/log',
      meaning:
        'A server that was away for longer is sent what it lacks from the log on disk, if that is no ' +
        "more than 16 MiB or this fraction of a snapshot's size; otherwise it is sent a snapshot. " +
        'Negative: always a snapshot.',
    },
    heartbeatMs: {
      key: 'ringkeeper.heartbeatMs',
      from: 'both',
      kind: integer(1, MINUTE_MS),
      default: '50',
      where: 'actors/zab',
      meaning:
        'Milliseconds between two signs of life that a leader gives to Ringkeeper servers, at least 1; ' +
        'a tenth of a tick if that is less. On the connections for votes there is one each half of ' +
        "that. ZooKeeper's servers get one each half tick.",
    },
    silenceMs: {
      key: 'ringkeeper.silenceMs',
      from: 'both',
      kind: integer(2, MINUTE_MS),
      default: '500',
      where: 'actors/zab',
      meaning:
        'Milliseconds without a sign of life after which a Ringkeeper leader is given up; up to four ' +
        'times as long if signs have been coming late.',
    },
    agreedSilenceMs: {
      key: 'ringkeeper.agreedSilenceMs',
      from: 'both',
      kind: integer(2, MINUTE_MS),
      default: '150',
      where: 'actors/election',
      meaning:
        'The same if a majority of Ringkeeper servers hears nothing of the leader; twice ' +
        '`ringkeeper.heartbeatMs` at least, `ringkeeper.silenceMs` at most, and three times the ' +
        'longest delay of the last seconds if that is more.',
    },
  },
  inputs: {
    peerType: {
      key: 'peerType',
      from: 'file',
      kind: oneOf('participant', 'observer'),
      default: { value: null, said: "the line's" },
      where: 'config',
      meaning: "`participant` or `observer`. The server's line counts; a difference is a warning.",
    },
    observerMasterPort: {
      key: 'observerMasterPort',
      from: 'file',
      kind: ANY_INTEGER,
      default: { value: 0, said: '' },
      where: 'config',
      meaning: 'Checked; has no effect.',
      remark: { at: 'on', text: 'has no effect: observers learn from the leader' },
    },
    syncEnabled: {
      key: 'syncEnabled',
      from: 'file',
      kind: BOOLEAN,
      default: 'true',
      where: 'config',
      meaning: 'Checked; has no effect: observers always keep a log.',
      remark: { at: 'off', text: 'has no effect: observers always keep a log' },
    },
    localSessionsUpgradingEnabled: {
      key: 'localSessionsUpgradingEnabled',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: 'config',
      meaning: 'Checked; has no effect.',
      remark: { at: 'on', text: 'has no effect: every session is known to all servers' },
    },
  },
}
