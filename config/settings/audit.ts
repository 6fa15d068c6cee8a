// Settings of the audit log.

import { ANY_TEXT, checked, decoded, SWITCH, TEXT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface AuditSettings {
  readonly auditEnable: boolean
  /** `-`: the server's standard output. */
  readonly auditFile: string
  /** 0: of any length. */
  readonly auditFileSizeInKb: number
  /** 0: of any age. */
  readonly auditFileHours: number
  readonly auditFilesKept: number
}

export interface AuditInputs {
  /** ZooKeeper's class, if it is not ours; null for the one there is. */
  readonly implClass: string | null
}

const NO_NEGATIVE = checked(decoded('int', '0 or more'), (value: number) =>
  value < 0 ? null : { value, remark: null },
)

export const AUDIT: Chapter<AuditSettings, AuditInputs> = {
  title: 'The audit log',
  scope: 'server',
  options: {
    auditEnable: {
      key: 'audit.enable',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'runtime',
      meaning: "A line for each write of this server's clients, in ZooKeeper's format.",
    },
    auditFile: {
      key: 'ringkeeper.auditFile',
      from: 'both',
      kind: TEXT,
      default: '-',
      where: 'runtime/audit',
      meaning: 'The file for it; `-` is standard output.',
    },
    auditFileSizeInKb: {
      key: 'ringkeeper.auditFileSizeInKb',
      from: 'both',
      kind: NO_NEGATIVE,
      default: '10240',
      where: 'runtime/audit',
      meaning: 'A longer file becomes `file.1`, `file.1` becomes `file.2`, and so on; 0 is never.',
    },
    auditFileHours: {
      key: 'ringkeeper.auditFileHours',
      from: 'both',
      kind: NO_NEGATIVE,
      default: '0',
      where: 'runtime/audit',
      meaning: 'The same for an older one; 0 is never.',
    },
    auditFilesKept: {
      key: 'ringkeeper.auditFilesKept',
      from: 'both',
      kind: NO_NEGATIVE,
      default: '10',
      where: 'runtime/audit',
      meaning: 'How many of those are kept.',
    },
  },
  inputs: {
    implClass: {
      key: 'audit.impl.class',
      from: 'both',
      kind: checked(ANY_TEXT, (text) => ({
        value: text,
        remark: /\.Slf4jAuditLogger$/.test(text) ? null : 'Java classes cannot be loaded',
      })),
      default: { value: null, said: '`Slf4jAuditLogger`' },
      where: 'config',
      meaning: "ZooKeeper's class for it. Any other causes a warning.",
    },
  },
}
