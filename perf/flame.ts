// `npm run flame -- <question>`: where the time of every thread goes under a load. Several runs, one
// after the other, each with servers of its own: one without a profiler, for what the kernel counts;
// one with V8's profiler in every thread; and two for clinic, which knows the main thread alone.
//
//   npm run flame -- writes
//   npm run flame -- lone-write --servers 3

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type FlameRequest, HELP, parseFlame } from './flame/arguments.ts'
import { CLINIC_TOOLS, type ClinicPage, clinicRun } from './flame/clinic.ts'
import { html, type Report, text } from './flame/page.ts'
import { profiledRun } from './flame/profiles.ts'
import { run, serverWith } from './flame/run.ts'

const EXIT_FAILED = 1
const EXIT_INVOCATION = 2

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function report(request: FlameRequest, scratch: string): Promise<Report> {
  say('Without a profiler ...')
  const plain = await run(request, {
    threadsFile: join(scratch, 'plain-threads'),
    command: (_, naming) => serverWith(naming),
    stop: (member) => member.stop(),
  })
  say('With a profiler in every thread ...')
  const folder = join(request.out, 'profiles')
  mkdirSync(folder)
  const profiled = await profiledRun(request, folder, join(scratch, 'profiled-threads'))
  const clinic: ClinicPage[] = []
  for (const tool of request.clinic ? CLINIC_TOOLS : []) {
    say(`With clinic ${tool} ...`)
    clinic.push(await clinicRun(tool, request, scratch))
  }
  return { request, plain, profiledLoad: profiled.run.load, profiles: profiled.profiles, clinic }
}

async function main(request: FlameRequest): Promise<void> {
  rmSync(join(request.out, 'profiles'), { recursive: true, force: true })
  mkdirSync(request.out, { recursive: true })
  const scratch = mkdtempSync(join(tmpdir(), 'ringkeeper-flame-'))
  // Clinic writes into the current folder, and must neither ask nor tell anybody anything.
  process.chdir(scratch)
  Object.assign(process.env, { NO_INSIGHT: '1', NO_UPDATE_NOTIFIER: '1' })
  try {
    const made = await report(request, scratch)
    writeFileSync(join(request.out, 'index.html'), html(made))
    writeFileSync(join(request.out, 'summary.txt'), text(made))
    process.stdout.write(text(made))
    say(`\n${join(request.out, 'index.html')}`)
    if (made.clinic.some(({ page }) => page === null)) process.exitCode = EXIT_FAILED
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const request = parseFlame(process.argv.slice(2))
if (request === 'help') {
  process.stdout.write(HELP)
} else if ('problem' in request) {
  say(`${request.problem}\nnpm run flame -- --help says what there is.`)
  process.exitCode = EXIT_INVOCATION
} else {
  await main({ ...request, out: resolve(request.out) })
}
