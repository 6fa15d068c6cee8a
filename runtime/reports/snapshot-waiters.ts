// Callers that wait for a snapshot file that ends at a certain zxid or later, with the files
// written meanwhile.

export interface SnapshotFile {
  /** The file's name in the data folder. */
  readonly name: string
  readonly zxid: number
}

interface Waiter {
  readonly written: SnapshotFile[]
  fromZxid: number | null
  resolve: ((file: SnapshotFile) => void) | null
  reject: ((error: Error) => void) | null
}

export class SnapshotWaiters {
  readonly #waiters: Set<Waiter> = new Set()

  /** Begins to wait: files written from now on count. `from` says which zxid the file must reach,
   * and resolves with the first that does. It rejects if a snapshot cannot be written. Call it
   * once. */
  wait(): { from: (zxid: number) => Promise<SnapshotFile> } {
    const waiter: Waiter = { written: [], fromZxid: null, resolve: null, reject: null }
    this.#waiters.add(waiter)
    const from = (zxid: number): Promise<SnapshotFile> => {
      return new Promise((resolve, reject) => {
        Object.assign(waiter, { fromZxid: zxid, resolve, reject })
        this.#maybeResolve(waiter)
      })
    }
    return { from }
  }

  written(file: SnapshotFile): void {
    for (const waiter of this.#waiters) {
      waiter.written.push(file)
      this.#maybeResolve(waiter)
    }
  }

  failed(): void {
    for (const waiter of this.#waiters) {
      if (waiter.reject === null) continue
      this.#waiters.delete(waiter)
      waiter.reject(new Error('the snapshot could not be written'))
    }
  }

  #maybeResolve(waiter: Waiter): void {
    const { fromZxid, resolve, written } = waiter
    const file = written.find(({ zxid }) => fromZxid !== null && zxid >= fromZxid)
    if (file === undefined || resolve === null) return
    this.#waiters.delete(waiter)
    resolve(file)
  }
}
