// The admin server's commands: ZooKeeper's names and aliases, and the report that each stands for
// (org.apache.zookeeper.server.admin.Commands). Those that act need an
// administrator; the others only read, except the resets and the trace mask.

import { configuration } from '../reports/configuration.ts'
import { connections, connectionsBrief } from '../reports/connections.ts'
import { digests } from '../reports/digests.ts'
import { dump } from '../reports/dump.ts'
import { environment } from '../reports/environment.ts'
import { folders } from '../reports/folders.ts'
import { initialConfiguration } from '../reports/initial-configuration.ts'
import { lastSnapshot } from '../reports/last-snapshot.ts'
import { monitor } from '../reports/monitor.ts'
import { observers, resetObservers } from '../reports/observers.ts'
import { readOnly } from '../reports/read-only.ts'
import { resetConnectionStats, resetServerStats } from '../reports/resets.ts'
import { serverStats } from '../reports/server-stats.ts'
import type { ReportSource } from '../reports/source.ts'
import { systemProperties } from '../reports/system-properties.ts'
import { top } from '../reports/top.ts'
import { setTraceMask, traceMask } from '../reports/trace-mask.ts'
import { votingView } from '../reports/voting-view.ts'
import { watches, watchesByPath, watchSummary } from '../reports/watches.ts'
import { why } from '../reports/why.ts'
import { leader, zabState } from '../reports/zab-state.ts'

export interface Command {
  readonly name: string
  readonly aliases: readonly string[]
  /** Whether the server answers it even while it serves nobody. */
  readonly isAlways?: true
  /** Whether it is asked by POST. */
  readonly isAct?: true
  /** What the answer has before `command` and `error`. If the record has an `error` of its own,
   * that stands before `command`. */
  readonly report: (source: ReportSource, query: URLSearchParams) => object | Promise<object>
}

/** Sorted by name. */
export const COMMANDS: readonly Command[] = [
  // While the server serves, admin-server.ts hands this one, `hand_over`, `shed_connections` and `snapshot` to files
  // of their own; they have rows to be listed.
  { name: 'changes', aliases: [], report: () => ({}) },
  { name: 'configuration', aliases: ['conf', 'config'], report: configuration },
  {
    name: 'connection_stat_reset',
    aliases: ['crst'],
    report: (source) => {
      resetConnectionStats(source)
      return {}
    },
  },
  { name: 'connections', aliases: ['cons'], report: connections },
  { name: 'dirs', aliases: [], report: folders },
  { name: 'dump', aliases: [], report: dump },
  { name: 'environment', aliases: ['env', 'envi'], isAlways: true, report: environment },
  { name: 'get_trace_mask', aliases: ['gtmk'], isAlways: true, report: traceMask },
  { name: 'hand_over', aliases: [], isAct: true, report: () => ({}) },
  { name: 'hash', aliases: [], report: digests },
  { name: 'initial_configuration', aliases: ['icfg'], report: initialConfiguration },
  { name: 'is_read_only', aliases: ['isro'], report: readOnly },
  { name: 'last_snapshot', aliases: ['lsnp'], report: lastSnapshot },
  { name: 'leader', aliases: ['lead'], report: leader },
  { name: 'monitor', aliases: ['mntr'], isAlways: true, report: monitor },
  {
    name: 'observer_connection_stat_reset',
    aliases: ['orst'],
    report: async (source) => {
      await resetObservers(source)
      return {}
    },
  },
  { name: 'observers', aliases: ['obsr'], report: observers },
  { name: 'ruok', aliases: [], report: () => ({}) },
  { name: 'server_stats', aliases: ['srvr'], report: serverStatsAndSizes },
  { name: 'set_trace_mask', aliases: ['stmk'], isAlways: true, report: newTraceMask },
  { name: 'shed_connections', aliases: ['shed'], isAct: true, report: () => ({}) },
  { name: 'snapshot', aliases: ['snap'], report: () => ({}) },
  {
    name: 'stat_reset',
    aliases: ['srst'],
    report: (source) => {
      resetServerStats(source)
      return {}
    },
  },
  {
    name: 'stats',
    aliases: ['stat'],
    report: async (source) => ({
      ...(await serverStatsAndSizes(source)),
      ...connectionsBrief(source),
    }),
  },
  {
    name: 'system_properties',
    aliases: ['sysp'],
    isAlways: true,
    report: () => systemProperties(),
  },
  { name: 'top', aliases: [], report: top },
  { name: 'voting_view', aliases: [], report: votingView },
  { name: 'watch_summary', aliases: ['wchs'], report: watchSummary },
  { name: 'watches', aliases: ['wchc'], report: watches },
  { name: 'watches_by_path', aliases: ['wchp'], report: watchesByPath },
  { name: 'why', aliases: [], isAlways: true, report: why },
  { name: 'zabstate', aliases: [], isAlways: true, report: zabState },
]

const BY_NAME: ReadonlyMap<string, Command> = new Map(
  COMMANDS.flatMap((command) => {
    return [command.name, ...command.aliases].map((name) => [name, command] as const)
  }),
)

export function commandOf(name: string): Command | undefined {
  return BY_NAME.get(name)
}

async function serverStatsAndSizes(source: ReportSource): Promise<object> {
  const { datadir_size, logdir_size } = await folders(source)
  const report = serverStats(source)
  const sizes = { data_dir_size: datadir_size, log_dir_size: logdir_size }
  return { ...report, server_stats: { ...report.server_stats, ...sizes } }
}

const LONG_TEXT = /^[+-]?\d{1,19}$/

function newTraceMask(source: ReportSource, query: URLSearchParams): object {
  const text = query.get('traceMask')
  const wanted = 'setTraceMask requires long traceMask argument'
  if (text === null) return { error: wanted }
  const mask = LONG_TEXT.test(text) ? BigInt(text.replace('+', '')) : null
  if (mask === null || BigInt.asIntN(64, mask) !== mask) return { error: `${wanted}, got ${text}` }
  return setTraceMask(source, mask)
}
