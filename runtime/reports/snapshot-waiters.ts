// Who waits for a snapshot file that ends at a zxid or later, and those that were written meanwhile.

export interface SnapshotFile {
  /** In the data folder. */
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

  /** Files count that are written from now on; `from` says of which zxid. */
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
