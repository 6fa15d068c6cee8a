// Why a leader had better lead no longer; null while it may.

import type { ZabContext } from './context.ts'
import type { LearnerTable } from './learner-table.ts'

/** Too few follow it. */
export function lackOfQuorum(
  { quorum, serverId }: ZabContext,
  learners: LearnerTable,
): string | null {
  const synced = [serverId, ...[...learners.ready()].map((learner) => learner.serverId)]
  return quorum.isSatisfiedBy(synced) ? null : 'no quorum of followers left'
}

/** Its disk hangs. Others commit without it, as long as what it owes has room; after `limitMs` one of
 * them had better lead, if they can do without us. */
export function lackOfDisk(
  { clock, log, quorum }: ZabContext,
  learners: LearnerTable,
  limitMs: number,
): string | null {
  const { lateMs } = log
  if (lateMs <= limitMs) return null
  const disks = [...learners.ready()].filter((learner) => learner.owesMs(clock.nowMs) <= limitMs)
  if (!quorum.isSatisfiedBy(disks.map(({ serverId }) => serverId))) return null
  return `our own disk has synced nothing for ${Math.round(lateMs)} ms`
}
