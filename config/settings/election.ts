// Settings of an ensemble: how its members reach each other and elect a leader.

import {
  BOOLEAN,
  checked,
  DECODED_INT,
  INT_MAX,
  integer,
  type Kind,
  mapped,
  nearest,
  SWITCH,
  strict,
} from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface ElectionSettings {
  /** Whether the ports for peers are open on every address of the machine. */
  readonly quorumListenOnAllIPs: boolean
  /** Whether peers are told all addresses of a member (with the newer form of the first message). */
  readonly multiAddressEnabled: boolean
  /** How often to try to listen for votes; 0 for ever. */
  readonly electionPortBindRetry: number
  /** How long a connection to another member's election port may take to open. */
  readonly cnxTimeoutMs: number
  /** How long a quorum's vote waits for a better one. */
  readonly finalizeWaitMs: number
  /** A vote is repeated after this... */
  readonly minNotificationIntervalMs: number
  /** ...then at twice the interval each time, up to this. */
  readonly maxNotificationIntervalMs: number
}

export interface ElectionInputs {
  readonly electionAlg: number
}

const FINALIZE_MS_MAX = 200
const BIND_RETRY = 3

const TRIES: Kind<number> = checked(DECODED_INT, (value) =>
  value < 0
    ? { value: BIND_RETRY, remark: `less than 0 means ${BIND_RETRY}, as with ZooKeeper` }
    : { value, remark: null },
)

const ALGORITHM: Kind<number> = strict(
  '3: since ZooKeeper 3.6 there is no other election',
  (text) => integer(3, 3).read(text)?.value,
)

export const ELECTION: Chapter<ElectionSettings, ElectionInputs> = {
  title: 'Reaching each other and electing a leader',
  scope: 'ensemble',
  options: {
    quorumListenOnAllIPs: {
      key: 'quorumListenOnAllIPs',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: 'runtime/peer',
      meaning: 'Listen for the other servers on every address.',
    },
    multiAddressEnabled: {
      key: 'multiAddress.enabled',
      from: 'file',
      kind: BOOLEAN,
      asProperty: SWITCH,
      default: 'false',
      where: 'config/ensemble',
      meaning: 'Several addresses for one server; on all servers or on none.',
    },
    electionPortBindRetry: {
      key: 'electionPortBindRetry',
      from: 'both',
      kind: TRIES,
      default: `${BIND_RETRY}`,
      where: 'runtime/peer',
      meaning: 'How often to try to listen for votes; 0 is for ever.',
    },
    cnxTimeoutMs: {
      key: 'cnxTimeout',
      from: 'both',
      kind: mapped(integer(0), (value) => (value === 0 ? INT_MAX : value)),
      default: '5000',
      where: 'runtime/peer',
      meaning: "Milliseconds to connect to another server's election port; 0 is no limit.",
    },
    finalizeWaitMs: {
      key: 'fastleader.finalizeWaitMs',
      from: 'both',
      kind: integer(0, FINALIZE_MS_MAX),
      default: '50',
      where: 'actors/election',
      meaning: `Milliseconds that a majority's vote waits for a better one; ${FINALIZE_MS_MAX} at most, as ZooKeeper waits.`,
    },
    minNotificationIntervalMs: {
      key: 'fastleader.minNotificationInterval',
      from: 'both',
      kind: nearest(DECODED_INT, 1),
      default: '200',
      where: 'actors/election',
      meaning: 'Milliseconds before a vote is sent again, at first...',
    },
    maxNotificationIntervalMs: {
      key: 'fastleader.maxNotificationInterval',
      from: 'both',
      kind: nearest(DECODED_INT, 1),
      default: '60000',
      where: 'actors/election',
      meaning: '...and later, at most.',
    },
  },
  inputs: {
    electionAlg: {
      key: 'electionAlg',
      from: 'file',
      kind: ALGORITHM,
      default: '3',
      where: 'config',
      meaning: 'There is no other.',
    },
  },
}
