// Faults of a disk, for a server that is a process of its own: a library of ours, compiled when it
// is first needed and preloaded, delays, refuses or cuts short its calls on files by rules that a
// test changes while the server runs.
//
//   const faults = await DiskFaults.prepare(folder)        folder: for its rules, not the server's
//   spawn(..., { env: { ...process.env, ...faults.environment } })
//   faults.set({ call: 'sync', path: 'version-2/log.', what: 'delay', ms: 3000 })
//   faults.clear()

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, runs, skipUnless, successOf } from '../foreign.ts'

const SOURCE = fileURLToPath(new URL('../../../../test/support/disk-shim/shim.c', import.meta.url))

/** For node:test's `skip`. */
export const shimSkip: string | false = skipUnless(
  process.platform === 'linux' && runs('cc', ['--version']),
  'a C compiler for Linux',
  'gcc libc6-dev',
)

export type DiskCall = 'open' | 'read' | 'write' | 'sync' | 'rename' | 'truncate'

export type DiskFault = {
  readonly call: DiskCall
  /** A part of the file's path, without blanks. */
  readonly path: string
  /** So many calls that fit are let pass first; none when absent. */
  readonly after?: number
  /** It is felt so often; until it is replaced when absent. */
  readonly times?: number
} & (
  | {
      readonly what: 'delay'
      /** The call goes on after so long, or when the rule is gone if that is sooner. */
      readonly ms: number
    }
  | { readonly what: 'hang' }
  | { readonly what: 'error'; readonly code: 'EIO' | 'ENOSPC' | 'EROFS' | 'EDQUOT' | 'EMFILE' }
  /** A write takes only so many bytes; node writes the rest with another call. Together with an
   * error for that one, a torn write. */
  | { readonly what: 'short'; readonly bytes: number }
)

export class DiskFaults {
  /** What the server's process is given. */
  readonly environment: Readonly<Record<string, string>>
  readonly #rules: string

  private constructor(library: string, rules: string) {
    this.#rules = rules
    this.environment = { LD_PRELOAD: library, RINGKEEPER_DISK_FAULTS: rules }
  }

  /** The rules lie in `folder`. */
  static async prepare(folder: string, name = 'disk-faults'): Promise<DiskFaults> {
    const faults = new DiskFaults(await compiled(), join(folder, name))
    faults.clear()
    return faults
  }

  /** These, and no others, from the server's next call on. The first that fits a call counts. */
  set(...faults: readonly DiskFault[]): void {
    rmSync(`${this.#rules}.felt`, { force: true })
    writeFileSync(`${this.#rules}.new`, faults.map((fault) => `${line(fault)}\n`).join(''))
    renameSync(`${this.#rules}.new`, this.#rules)
  }

  clear(): void {
    this.set()
  }

  /** Whether the server has run into the n-th of those that were set last. */
  isFelt(index = 0): boolean {
    const file = `${this.#rules}.felt`
    return existsSync(file) && readFileSync(file, 'utf8').split('\n').includes(String(index))
  }
}

function line(fault: DiskFault): string {
  const { call, path, after = 0, times = 0 } = fault
  return [call, path, ...effectOf(fault), after, times].join(' ')
}

function effectOf(fault: DiskFault): [string, number] {
  if (fault.what === 'delay') return ['delay', fault.ms]
  if (fault.what === 'short') return ['short', fault.bytes]
  if (fault.what === 'error') return ['error', constants.errno[fault.code]]
  return ['delay', 0]
}

/** The library, named by its source: it is compiled once on a machine. */
async function compiled(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 16)
  const library = join(tmpdir(), `ringkeeper-disk-shim-${hash}.so`)
  if (existsSync(library)) return library
  const mine = `${library}.${process.pid}`
  const args = ['-shared', '-fPIC', '-O2', '-Wall', '-Werror', '-o', mine, SOURCE, '-ldl']
  successOf('cc', await run('cc', args))
  renameSync(mine, library)
  return library
}
