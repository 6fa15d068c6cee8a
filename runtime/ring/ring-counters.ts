// What the two ends of a ring have counted, for observers.

import * as layout from './ring-layout.ts'

export interface RingCounters {
  /** Bytes. */
  readonly capacity: number
  /** Bytes between head and tail: now, and at most. */
  readonly occupancy: number
  readonly occupancyMax: number
  readonly frames: number
  /** How often frames were published. Frames divided by batches is the size of a batch. */
  readonly batches: number
  /** Frames that found no room. */
  readonly stalls: number
  /** Batches whose wait in the ring was measured, and their waits in milliseconds. */
  readonly waits: number
  readonly waitSumMs: number
  readonly waitMaxMs: number
}

export function ringCounters(memory: SharedArrayBuffer): RingCounters {
  const doubles = new Float64Array(memory, 0, layout.DATA_BYTE / 8)
  return {
    capacity: memory.byteLength - layout.DATA_BYTE,
    occupancy: occupancyOf(memory),
    occupancyMax: doubles[layout.OCCUPANCY_MAX_DOUBLE]!,
    frames: doubles[layout.FRAMES_DOUBLE]!,
    batches: doubles[layout.BATCHES_DOUBLE]!,
    stalls: doubles[layout.STALLS_DOUBLE]!,
    waits: doubles[layout.WAITS_DOUBLE]!,
    waitSumMs: doubles[layout.WAIT_SUM_DOUBLE]!,
    waitMaxMs: doubles[layout.WAIT_MAX_DOUBLE]!,
  }
}

/** In bytes. */
export function occupancyOf(memory: SharedArrayBuffer): number {
  const words = new Int32Array(memory, 0, layout.DATA_BYTE / 4)
  // The head first, so that the occupancy is never negative.
  const head = Atomics.load(words, layout.HEAD_WORD)
  const tail = Atomics.load(words, layout.TAIL_WORD)
  return (tail - head) | 0
}
