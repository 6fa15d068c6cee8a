// Software of others that tests need. Where it is missing they skip and say what to install, unless
// RINGKEEPER_REQUIRE_FOREIGN=1 asks them to run into it and fail.

import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'

/** For node:test's `skip`: false, or why the tests cannot run here. */
export function skipUnless(present: boolean, what: string, packages: string): string | false {
  const { RINGKEEPER_REQUIRE_FOREIGN: required } = process.env
  return present || required === '1' ? false : `${what} is not here: apt-get install ${packages}`
}

/** Whether a program can be started and ends well with these arguments. */
export function runs(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}

export interface Ended {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** Runs a program to its end, while this process goes on serving. Killed after `timeoutMs`. */
export function run(
  program: string,
  args: readonly string[],
  {
    input = '',
    timeoutMs = 60_000,
    env = {},
  }: { input?: string; timeoutMs?: number; env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: 'pipe',
      timeout: timeoutMs,
      env: { ...process.env, ...env },
    })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk
    })
    // A program that ends before it has read everything is no failure of the test.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, out, err }))
  })
}

/** The output, or an error that shows everything the program said. */
export function successOf(what: string, ended: Ended | SpawnSyncReturns<string>): string {
  const [out, err] = 'out' in ended ? [ended.out, ended.err] : [ended.stdout, ended.stderr]
  if (ended.status === 0) return out
  throw new Error(`${what} ended with ${ended.status}\n${out}\n${err}`)
}
