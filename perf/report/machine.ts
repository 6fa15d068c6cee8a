// Where and with what something was measured.

import { execFileSync } from 'node:child_process'
import { cpus, release, type as systemName, totalmem } from 'node:os'
import { FULL_VERSION } from '../../runtime/process/version.ts'

export interface Setting {
  readonly time: string
  readonly processor: string
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  readonly ringkeeper: string
  readonly commit: string
  /** Null when it was not measured. */
  readonly apache: string | null
  /** The command's arguments, but for places. */
  readonly command: string
}

export function settingOf(args: readonly string[], withApache: boolean): Setting {
  const processors = cpus()
  return {
    time: new Date().toISOString(),
    processor: `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${systemName()} ${/^\d+\.\d+/.exec(release())?.[0] ?? ''}`,
    node: process.versions.node,
    ringkeeper: FULL_VERSION,
    commit: firstLine('git', ['describe', '--always', '--dirty', '--abbrev=10']),
    apache: withApache ? apacheVersion() : null,
    command: args.filter((arg, i) => !isPlace(arg) && !isPlace(args[i - 1] ?? '')).join(' '),
  }
}

/** Where files are says nothing to others. */
function isPlace(arg: string): boolean {
  return arg === '--out' || arg === '--data-dir'
}

function apacheVersion(): string {
  const zookeeper = firstLine('dpkg-query', ['--show', 'libzookeeper-java']).replace('\t', ' ')
  return `${zookeeper}, ${firstLine('java', ['--version'])}`
}

function firstLine(program: string, args: readonly string[]): string {
  try {
    const text = execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return text.split('\n')[0]?.trim() ?? ''
  } catch {
    return 'unknown'
  }
}
