// Does a server sync its log before it acknowledges a write? Run under strace, with one write under
// way at a time, it must sync a file of its log at least once a write: nothing can be shared.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runLoad } from '../load/load.ts'
import { Servers, type ServersOptions } from './servers.ts'

const WRITES = 100
const SECONDS_MAX = 60
/** `fdatasync(21</data/version-2/log.1>)`, perhaps cut in two when threads take turns. */
const LOG_SYNC = /\bf(?:data)?sync\(\d+<[^>]*\/log\.[0-9a-f]+>/g

/** Whether strace is there. */
export function canTrace(): boolean {
  try {
    execFileSync('strace', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Fails when a standalone server of this kind acknowledges what it has not synced. */
export async function checkSync(
  options: Omit<ServersOptions, 'servers' | 'wrap'>,
  say: (text: string) => void,
): Promise<void> {
  if (!canTrace()) throw new Error('--check-fsync needs strace: apt-get install strace')
  const folder = mkdtempSync(join(tmpdir(), 'ringkeeper-trace-'))
  const trace = join(folder, 'trace')
  // With -D the tracer is the child, so that the server has the process id that we know.
  const calls = ['-e', 'trace=fsync,fdatasync', '-e', 'signal=none']
  const wrap = ['strace', '-D', '-f', '-y', '--seccomp-bpf', ...calls, '-o', trace]
  try {
    say(`${options.kind}: is every write synced?`)
    const servers = await Servers.start({ ...options, servers: 1, wrap })
    try {
      const before = logSyncs(trace)
      const { replies } = await runLoad({
        ports: servers.ports,
        name: 'check-sync',
        mix: [{ operation: 'set', share: 1 }],
        connections: 1,
        outstanding: 1,
        valueBytes: 100,
        warmupSeconds: 0,
        seconds: SECONDS_MAX,
        countMax: WRITES,
      })
      const syncs = logSyncs(trace) - before
      if (syncs < replies) {
        const what = `${replies} writes were acknowledged one after the other`
        throw new Error(`${options.kind} does not sync: ${what} with ${syncs} syncs of the log`)
      }
      say(`${options.kind}: ${replies} writes, ${syncs} syncs of the log`)
    } finally {
      await servers.end()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function logSyncs(trace: string): number {
  return readFileSync(trace, 'utf8').match(LOG_SYNC)?.length ?? 0
}
