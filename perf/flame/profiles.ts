// Profiles of every thread of every server under a load, by `node --cpu-prof`: each thread writes
// one when it ends.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FlameRequest } from './arguments.ts'
import { type CpuProfile, type Folded, fold } from './fold.ts'
import { Labels } from './label.ts'
import { type Run, type RunThread, run, serverWith } from './run.ts'

export interface ThreadProfile extends RunThread {
  readonly folded: Folded
}

/** `folder` is empty, and stays behind with the profiles as V8 wrote them. */
export async function profiledRun(
  request: FlameRequest,
  folder: string,
  threadsFile: string,
): Promise<{ run: Run; profiles: ThreadProfile[] }> {
  const flags = [
    '--cpu-prof',
    `--cpu-prof-dir=${folder}`,
    `--cpu-prof-interval=${request.intervalUs}`,
  ]
  const done = await run(request, {
    threadsFile,
    command: (_, naming) => serverWith(...flags, naming),
    stop: (member) => member.stop(),
  })
  const files = readdirSync(folder)
  const labels = new Labels()
  const profiles = done.threads.map((seen) => {
    const { pid, threadId, name } = seen.thread
    // CPU.<date>.<time>.<process>.<thread>.<count>.cpuprofile
    const file = files.find((file) => file.includes(`.${pid}.${threadId}.`))
    if (file === undefined) throw new Error(`server ${seen.server}: no profile of ${name}`)
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile
    return { ...seen, folded: fold(profile, done.span, (frame) => labels.of(frame)) }
  })
  return { run: done, profiles }
}
