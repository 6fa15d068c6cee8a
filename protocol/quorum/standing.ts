// What a PING of a leader of ours says to a learner of ours: how lately a quorum stood behind the
// leader. Java's PINGs have no data, and Java's learners read past it.
//
//   long answers, int ageMs

import { JuteReader } from '../bytes/jute-reader.ts'
import { JuteWriter } from '../bytes/jute-writer.ts'
import { ANSWERS, STANDING_MS, within } from './ranges.ts'

export interface Standing {
  /** How many of this learner's answers to PINGs had come when this PING left. */
  readonly answers: number
  /** How long before this PING one had left that a quorum has answered, in ms; -1: there is none. */
  readonly ageMs: number
}

/** `ageMs` is rounded up: a quorum stood behind the leader then, at the latest. Null: never. */
export function standingBytes(answers: number, ageMs: number | null): Uint8Array {
  const writer = new JuteWriter(12)
  writer.longNumber(answers)
  writer.int(ageMs === null ? -1 : Math.min(Math.ceil(ageMs), STANDING_MS.max))
  return writer.finish()
}

/** Throws MalformedError. */
export function readStanding(bytes: Uint8Array): Standing {
  const reader = new JuteReader(bytes)
  const answers = within(ANSWERS, Number(reader.long()))
  return { answers, ageMs: within(STANDING_MS, reader.int()) }
}
