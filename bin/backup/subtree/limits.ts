// How much a subtree may hold, so that both its states fit into memory; and what is never restored.

import { ToolError } from '../../tools/output.ts'

export const NODES_MAX = 500_000
export const DATA_BYTES_MAX: number = 512 * 1024 * 1024

/** The server's own nodes: its configuration and quotas. */
export function isExcluded(path: string): boolean {
  return path === '/zookeeper' || path.startsWith('/zookeeper/')
}

/** Counts nodes and their data. */
export class Bounds {
  readonly #where: string
  readonly #path: string
  #nodes = 0
  #bytes = 0

  constructor(where: string, path: string) {
    this.#where = where
    this.#path = path
  }

  /** Throws ToolError. */
  count(data: Uint8Array | null): void {
    this.#nodes++
    this.#bytes += data?.length ?? 0
    if (this.#nodes <= NODES_MAX && this.#bytes <= DATA_BYTES_MAX) return
    throw new ToolError(
      `${this.#path} holds more than ${NODES_MAX} nodes or ${DATA_BYTES_MAX} bytes in ${this.#where}: ` +
        'restore its children one by one, or the whole data folder',
      1,
    )
  }
}
