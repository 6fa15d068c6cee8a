// One server for each data folder. Two servers that write the same transaction log would destroy
// it. So a server holds a lock on the folder for as long as it lives, and a second one does not
// start.
//
// The lock is the kernel's (flock). It ends with the process, however that ends, needs nobody to
// clean up, and holds between containers that share a volume. Node cannot call flock. But the lock
// belongs to the open file, not to the process that asked for it: so we open the file, and hand it
// down to the `flock` program, which asks for the lock. Where there is no such program, the lock is
// the process id in the file, and counts while that process lives.

import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { join, resolve } from 'node:path'

const LOCK_NAME = 'ringkeeper.lock'
/** flock's exit code if somebody else has the lock. */
const TAKEN = 1

/** The folder is not to be had. The message says why. */
export class DataLockError extends Error {
  override readonly name = 'DataLockError'
}

export class DataLock {
  readonly path: string
  readonly #descriptor: number

  private constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  /** Throws DataLockError if another server has the folder, or if it cannot be written to. */
  static take(folder: string, ifMissing: 'create' | 'refuse'): DataLock {
    const path = join(resolve(folder), LOCK_NAME)
    const descriptor = open(folder, path, ifMissing)
    const owner = tried(folder, () => readFileSync(path, 'latin1').trim())
    if (isTaken(descriptor, owner)) {
      closeSync(descriptor)
      throw new DataLockError(
        `${resolve(folder)} is in use by another server${owner === '' ? '' : ` (process ${owner})`}` +
          ': stop that one, or give this one a folder of its own',
      )
    }
    tried(folder, () => {
      ftruncateSync(descriptor)
      writeSync(descriptor, `${process.pid}\n`, 0)
    })
    return new DataLock(path, descriptor)
  }

  release(): void {
    ftruncateSync(this.#descriptor)
    closeSync(this.#descriptor)
  }
}

function open(folder: string, path: string, ifMissing: 'create' | 'refuse'): number {
  return tried(folder, () => {
    if (!existsSync(folder) && ifMissing === 'refuse') {
      throw new Error('it does not exist and zookeeper.datadir.autocreate is false')
    }
    mkdirSync(folder, { recursive: true })
    return openSync(path, 'a+')
  })
}

function tried<T>(folder: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new DataLockError(`Cannot use the data folder ${resolve(folder)}: ${problem}`)
  }
}

function isTaken(descriptor: number, owner: string): boolean {
  const asked = spawnSync('flock', ['-n', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
  })
  if (asked.status === 0) return false
  if (asked.status === TAKEN) return true
  // There is no such program, or the file system has no locks.
  return isAlive(Number.parseInt(owner, 10))
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
