// What processes cost, as the kernel counts it: processor time and memory, from /proc.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Of one clock tick in /proc; every Linux that Node runs on has 100 a second. */
const TICKS_PER_SECOND = 100
/** In /proc/PID/stat, behind the command's name. */
const UTIME_AT = 11
const STIME_AT = 12

/** Of user and kernel, all threads, since the process started. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The name may have spaces and brackets in it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[UTIME_AT]) + Number(fields[STIME_AT])) / TICKS_PER_SECOND
}

export interface Memory {
  readonly residentBytes: number
  /** The most that it ever was. */
  readonly peakBytes: number
}

export function memory(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1')
  const of = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024
  return { residentBytes: of('VmRSS'), peakBytes: of('VmHWM') }
}

/** What a Java process's heap has in use once its garbage is collected; null where the JDK's tool is
 * not there to ask. */
export function liveHeapBytes(pid: number): number | null {
  try {
    execFileSync('jcmd', [String(pid), 'GC.run'], { stdio: 'ignore' })
    const text = execFileSync('jcmd', [String(pid), 'GC.heap_info'], { encoding: 'utf8' })
    const used = /used (\d+)K/.exec(text)?.[1]
    return used === undefined ? null : Number(used) * 1024
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return null
  }
}
