// What a PING of a leader of ours tells a learner of ours: how recently a quorum stood behind the
// leader. ZooKeeper's PINGs have no data, and its learners skip it.
//
//   long answers, int ageMs

import { JuteReader } from '../bytes/jute-reader.ts'
import { JuteWriter } from '../bytes/jute-writer.ts'
import { ANSWERS, STANDING_MS, within } from './ranges.ts'

export interface Standing {
  /** How many of this learner's answers to PINGs had arrived when this PING left. */
  readonly answers: number
  /** How long before this PING the last one left that a quorum has answered, in ms; -1 if there is
   * none. */
  readonly ageMs: number
}

const writer = new JuteWriter(12)

/** `ageMs` is rounded up, so that a quorum stood behind the leader at that time or later. Null:
 * never. */
export function standingBytes(answers: number, ageMs: number | null): Uint8Array {
  writer.reset()
  writer.longNumber(answers)
  writer.int(ageMs === null ? -1 : Math.min(Math.ceil(ageMs), STANDING_MS.max))
  return writer.finish()
}

/** Throws MalformedError. */
export function readStanding(bytes: Uint8Array): Standing {
  const reader = new JuteReader(bytes)
  const answers = within(ANSWERS, reader.longNumber())
  return { answers, ageMs: within(STANDING_MS, reader.int()) }
}
