// Clinic's flame and doctor on one server of a run. They know the main thread alone, where a server
// reads and writes its clients' sockets; what else they need to work here is in one-thread.ts.

import { copyFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Member, OUR_COMMAND } from '../ensemble/member.ts'
import type { FlameRequest } from './arguments.ts'
import { readThreads, run, serverWith } from './run.ts'

/** Its packages are a set of their own. */
const FLAME = new URL('../../../perf/flame/package.json', import.meta.url)
const CLINIC = join(dirname(createRequire(FLAME).resolve('clinic/package.json')), 'bin.js')
const ONE_THREAD = new URL('./one-thread.js', import.meta.url).href
/** Analysing and drawing takes it some ten seconds. */
const FINISH_MS_MAX = 180_000
const POLL_MS = 100
/** Clients of the closed loop connect to it first. */
const LOOKED_AT = 1

export const CLINIC_TOOLS = ['flame', 'doctor'] as const
export type ClinicTool = (typeof CLINIC_TOOLS)[number]

export interface ClinicPage {
  readonly tool: ClinicTool
  /** In the report's folder; null when it failed. */
  readonly page: string | null
  /** Why there is none, else empty. */
  readonly problem: string
  /** What clinic said, in the report's folder. */
  readonly log: string
}

/** Works in the current folder and in `scratch`; the page and the log go to the report. A failure
 * is part of the report: it is returned. */
export async function clinicRun(
  tool: ClinicTool,
  request: FlameRequest,
  scratch: string,
): Promise<ClinicPage> {
  const threadsFile = join(scratch, `${tool}-threads`)
  const dest = join(scratch, `clinic-${tool}`)
  const page = `clinic-${tool}.html`
  const log = `clinic-${tool}.log`
  const clinic = [process.execPath, CLINIC, tool, '--open=false', '--dest', dest, '--']
  let said: readonly string[] = []
  try {
    await run(request, {
      threadsFile,
      command: (id, naming) =>
        id === LOOKED_AT
          ? [...clinic, ...serverWith(`--import=${ONE_THREAD}`, naming)]
          : OUR_COMMAND,
      stop: async (member) => {
        if (member.id !== LOOKED_AT) return await member.stop()
        said = member.lines
        await finish(member, threadsFile)
      },
    })
    const made = readdirSync(dest).find((name) => name.endsWith('.html'))
    if (made === undefined) throw new Error('clinic wrote no page')
    copyFileSync(join(dest, made), join(request.out, page))
    return { tool, page, problem: '', log }
  } catch (error) {
    for (const pid of serverUnder(threadsFile)) signal(pid, 'SIGKILL')
    const problem = error instanceof Error ? error.message : String(error)
    return { tool, page: null, problem, log }
  } finally {
    writeFileSync(join(request.out, log), `${said.join('\n')}\n`)
  }
}

/** The server ends as after Ctrl-C; clinic, whose child it is, then draws and ends too. */
async function finish(member: Member, threadsFile: string): Promise<void> {
  for (const pid of serverUnder(threadsFile)) signal(pid, 'SIGINT')
  const deadlineMs = performance.now() + FINISH_MS_MAX
  while (member.isRunning) {
    if (performance.now() > deadlineMs) throw new Error(`not done after ${FINISH_MS_MAX} ms`)
    await pause(POLL_MS)
  }
}

/** None when it was not even started. */
function serverUnder(threadsFile: string): number[] {
  return readThreads(threadsFile)
    .filter(({ name }) => name === 'network')
    .map(({ pid }) => pid)
}

function signal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone.
  }
}
