// How an argument of a message lies among the words of a frame: one kind for each type. The rows of
// the edges' tables consist of these, and the compiler compares them with the message's parameters.

import { assert } from '../../protocol/assert.ts'
import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import {
  type ServerId,
  serverFrom,
  serverHigh,
  serverLow,
} from '../../protocol/quorum/server-id.ts'
import { type SessionId, sessionFrom, sessionHigh, sessionLow } from '../../protocol/session-id.ts'
import { type Zxid, zxidHigh, zxidLow } from '../../protocol/zxid.ts'
import type { FrameView } from '../ring/ring.ts'

export interface Field<T> {
  readonly words: number
  readonly put: (fields: Int32Array, word: number, value: T) => void
  readonly get: (frame: FrameView, word: number) => T
}

/** 32 bits, signed. */
export const int: Field<number> = { words: 1, put: putWord, get: word }
export const slot: Field<ConnectionSlot> = { words: 1, put: putWord, get: word }
export const link: Field<Link> = { words: 1, put: putWord, get: word }

export const flag: Field<boolean> = { words: 1, put: putFlag, get: (frame, at) => frame.flag(at) }

export const zxid: Field<Zxid> = { words: 2, put: putZxid, get: (frame, at) => frame.zxid(at) }

export const session: Field<SessionId> = {
  words: 2,
  put: (fields, at, id) => {
    fields[at] = sessionHigh(id)
    fields[at + 1] = sessionLow(id)
  },
  get: (frame, at) => sessionFrom(frame.int(at), frame.int(at + 1)),
}

export const server: Field<ServerId> = {
  words: 2,
  put: (fields, at, id) => {
    fields[at] = serverHigh(id)
    fields[at + 1] = serverLow(id)
  },
  get: (frame, at) => serverFrom(frame.int(at), frame.int(at + 1)),
}

/** One of a few values. It travels as its index among them. */
export function oneOf<T>(...values: readonly T[]): Field<T> {
  return {
    words: 1,
    put: (fields, at, value) => {
      const index = values.indexOf(value)
      assert(index >= 0, 'a value that its field does not have')
      fields[at] = index
    },
    get: (frame, at) => {
      const value = values[frame.int(at)]
      assert(value !== undefined, 'a field of no value')
      return value
    },
  }
}

/** A string of any length. Its bytes in UTF-8 are part of the payload, after those of the texts
 * before it. The field holds how many they are. */
export const text: Field<string> = {
  words: 1,
  put: () => assert(false, 'a text travels in the payload'),
  get: () => assert(false, 'a text travels in the payload') as never,
}

/** The rest of the payload. It stands for three parameters of the message, `bytes`, `start` and
 * `end`, and comes last in its row. */
export const bytes: unique symbol = Symbol('bytes')

function putWord(fields: Int32Array, at: number, value: number): void {
  fields[at] = value
}

function word(frame: FrameView, at: number): number {
  return frame.int(at)
}

export function putFlag(fields: Int32Array, at: number, value: boolean): void {
  fields[at] = value ? 1 : 0
}

export function putZxid(fields: Int32Array, at: number, value: Zxid): void {
  fields[at] = zxidHigh(value)
  fields[at + 1] = zxidLow(value)
}
