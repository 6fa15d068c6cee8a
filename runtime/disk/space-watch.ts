// Looks how much room the data's file systems have, and says when it becomes scarce and when there is enough
// again: somewhat later, so that the answer does not flutter.

import { statfs } from 'node:fs/promises'

/** Enough is so many times the reserve. */
const ENOUGH = 1.25

export interface Space {
  readonly folder: string
  readonly freeBytes: number
}

export type FreeBytes = (folder: string) => Promise<number>

export class SpaceWatch {
  readonly #folders: readonly string[]
  readonly #reserveBytes: number
  readonly #freeBytes: FreeBytes
  readonly #changed: (isScarce: boolean, space: Space) => void
  #isScarce = false
  #isLooking = false

  /** `reserveBytes`: room that is to stay free; 0 for none. */
  constructor(
    folders: readonly string[],
    reserveBytes: number,
    changed: (isScarce: boolean, space: Space) => void,
    freeBytes: FreeBytes = freeBytesOf,
  ) {
    this.#folders = [...new Set(folders)]
    this.#reserveBytes = reserveBytes
    this.#changed = changed
    this.#freeBytes = freeBytes
  }

  /** Never rejects. While a disk does not answer, nobody asks again. */
  async look(): Promise<void> {
    if (this.#reserveBytes === 0 || this.#isLooking) return
    this.#isLooking = true
    try {
      const spaces: Space[] = []
      for (const folder of this.#folders) {
        spaces.push({ folder, freeBytes: await this.#freeBytes(folder) })
      }
      const [least] = spaces.sort((a, b) => a.freeBytes - b.freeBytes)
      if (least !== undefined) this.#judge(least)
    } catch {
      // The folder is gone: whoever watches it says so.
    } finally {
      this.#isLooking = false
    }
  }

  #judge(least: Space): void {
    const bound = this.#reserveBytes * (this.#isScarce ? ENOUGH : 1)
    const isScarce = least.freeBytes < bound
    if (isScarce === this.#isScarce) return
    this.#isScarce = isScarce
    this.#changed(isScarce, least)
  }
}

/** What a process without privileges may still write. */
async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
