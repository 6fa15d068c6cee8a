// Ports for servers that are started, stopped and started again, and find them free each time.
//
// They lie below those that the system gives to connections. Whoever picks one claims it, with a file that names
// the process: until that has ended nobody else picks it, or as much as tries it.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { randomBelow } from '../../runtime/shared/random.ts'
import { LOOPBACK } from './member.ts'

const PORT_MIN = 20_000
const PORT_COUNT = 12_000
const CLAIMS = join(tmpdir(), `ringkeeper-ports-${userInfo().uid}`)

const claimed: Set<string> = new Set()

/** A port that is free, for this process. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORT_MIN + randomBelow(PORT_COUNT)
    if (claims(port) && (await isFree(port))) return port
  }
}

export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = []
  while (found.length < count) found.push(await freePort())
  return found
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, LOOPBACK, () => probe.close(() => resolve(true)))
  })
}

/** Whether nobody had claimed it who still runs. */
function claims(port: number): boolean {
  mkdirSync(CLAIMS, { recursive: true })
  const path = join(CLAIMS, String(port))
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    // Whoever finds it abandoned clears it away, and looks for another.
    if (!runs(ownerOf(path))) rmSync(path, { force: true })
    return false
  }
  if (claimed.size === 0) process.once('exit', release)
  claimed.add(path)
  return true
}

function release(): void {
  for (const path of claimed) rmSync(path, { force: true })
}

/** Null while it is being written, or once it is gone. */
function ownerOf(path: string): number | null {
  try {
    const text = readFileSync(path, 'latin1')
    return text === '' ? null : Number(text)
  } catch {
    return null
  }
}

function runs(pid: number | null): boolean {
  if (pid === null) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
