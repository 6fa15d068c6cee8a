// Where the audit log goes: a file of its own, or standard output.

import type { AuditSettings } from '../../config/settings/audit.ts'
import { type Logger, say } from '../process/logger.ts'
import type { HostClock } from '../thread/actor-host.ts'
import { AuditFile } from './audit-file.ts'
import { type AuditOutput, AuditTrail } from './audit-trail.ts'

const STANDARD_OUTPUT = '-'

/** Lines that standard output does not take are counted with those of the server's own log. */
const STDOUT: AuditOutput = { write: (line) => say(line.trimEnd()), close: async () => undefined }

/** Null unless `audit.enable` is on. Throws if the file cannot be opened: then the server does not
 * start. */
export function auditTrail(
  options: AuditSettings,
  logger: Logger,
  clock: HostClock,
): AuditTrail | null {
  if (!options.auditEnable) return null
  const output =
    options.auditFile === STANDARD_OUTPUT
      ? STDOUT
      : new AuditFile(options, logger, () => clock.wallMs)
  return new AuditTrail(output, clock)
}
