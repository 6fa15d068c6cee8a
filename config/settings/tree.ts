// Settings: what znodes there may be, who may use them, and how containers are removed.

import {
  BOOLEAN,
  checked,
  DECODED_INT,
  DECODED_LONG,
  decoded,
  INT_MAX,
  mapped,
  nearest,
  ONLY_YES,
  SWITCH,
} from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface TreeSettings {
  readonly digestEnabled: boolean
  /** Nodes with a time to live. */
  readonly extendedTypes: boolean
  readonly enforceQuota: boolean
  /** 0: any number. */
  readonly ephemeralsPerSessionMax: number
  readonly skipAcl: boolean
  /** Of a member: before a write goes to the leader, and not only there. */
  readonly enableEagerAclCheck: boolean
  readonly reconfigEnabled: boolean
  readonly containerCheckIntervalMs: number
  readonly containerMaxPerMinute: number
  /** 0: never. */
  readonly containerMaxNeverUsedIntervalMs: number
}

export const TREE: Chapter<TreeSettings> = {
  title: 'The tree',
  scope: 'server',
  inputs: {},
  options: {
    digestEnabled: {
      key: 'digest.enabled',
      from: 'both',
      kind: SWITCH,
      default: 'true',
      where: 'actors/tree',
      meaning: "Check the tree's digest.",
    },
    extendedTypes: {
      key: 'extendedTypesEnabled',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'actors/tree',
      meaning: 'Nodes with a time to live.',
    },
    enforceQuota: {
      key: 'enforceQuota',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'actors/tree',
      meaning: 'Refuse writes that exceed a hard quota.',
    },
    ephemeralsPerSessionMax: {
      key: 'ringkeeper.ephemeralsPerSessionMax',
      from: 'both',
      kind: nearest(DECODED_INT, 0),
      default: '0',
      where: 'actors/tree',
      meaning:
        'A session that owns so many ephemeral nodes gets no more (`QuotaExceeded`); what it asks for at the same ' +
        'moment may exceed it. 0 is any number.',
    },
    skipAcl: {
      key: 'skipACL',
      from: 'both',
      kind: ONLY_YES,
      default: 'no',
      where: 'actors/tree',
      meaning: 'Skip all checks of access lists.',
    },
    enableEagerAclCheck: {
      key: 'enableEagerACLCheck',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'actors/tree',
      meaning: 'A member refuses what an access list forbids before it goes to the leader.',
    },
    reconfigEnabled: {
      key: 'reconfigEnabled',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: 'actors/tree',
      meaning: 'The members may change while the servers run (`reconfig`); see reconfiguration.md.',
    },
    containerCheckIntervalMs: {
      key: 'znode.container.checkIntervalMs',
      from: 'property',
      kind: checked(decoded('int', '1 or more'), (value) =>
        value < 1 ? null : { value, remark: null },
      ),
      default: '60000',
      where: 'actors/tree',
      meaning: 'Milliseconds between two searches for empty containers and expired nodes.',
    },
    containerMaxPerMinute: {
      key: 'znode.container.maxPerMinute',
      from: 'property',
      kind: checked(DECODED_INT, (value) => ({
        value: value < 0 ? INT_MAX : value,
        remark: value === 0 ? 'no container is ever removed' : null,
      })),
      default: '10000',
      where: 'actors/tree',
      meaning: 'How many of them are removed in a minute; 0 is none.',
    },
    containerMaxNeverUsedIntervalMs: {
      key: 'znode.container.maxNeverUsedIntervalMs',
      from: 'property',
      // Below 0: every age exceeds it.
      kind: mapped(DECODED_LONG, (value) => (value < 0 ? 1 : value)),
      default: '300000',
      where: 'actors/tree',
      meaning:
        'Milliseconds after which a container that never had a child is removed; 0 is never.',
    },
  },
}
