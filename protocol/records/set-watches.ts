// setWatches and setWatches2: a client that has reconnected sets its watches again.
//
//   SetWatches   long relativeZxid, vector<ustring> dataWatches, existWatches, childWatches  (101)
//   SetWatches2  the same, vector<ustring> persistentWatches, persistentRecursiveWatches     (105)
//
// The answer is a header with xid -8. Both are one type here: 101 reads as a 105 without persistent
// watches.

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import type { Zxid } from '../zxid.ts'
import { readStrings, writeStrings } from './strings.ts'

export interface SetWatches {
  /** The last zxid that the client has seen: changes after it that the client missed are reported
   * at once. */
  readonly relativeZxid: Zxid
  readonly dataWatches: readonly string[]
  readonly existWatches: readonly string[]
  readonly childWatches: readonly string[]
  readonly persistentWatches: readonly string[]
  readonly persistentRecursiveWatches: readonly string[]
}

const NO_PATHS: readonly string[] = []

export function writeSetWatches(writer: JuteWriter, request: SetWatches): void {
  writer.zxid(request.relativeZxid)
  writeStrings(writer, request.dataWatches)
  writeStrings(writer, request.existWatches)
  writeStrings(writer, request.childWatches)
}

export function readSetWatches(reader: JuteReader): SetWatches {
  return {
    relativeZxid: reader.zxid(),
    dataWatches: readStrings(reader),
    existWatches: readStrings(reader),
    childWatches: readStrings(reader),
    persistentWatches: NO_PATHS,
    persistentRecursiveWatches: NO_PATHS,
  }
}

export function writeSetWatches2(writer: JuteWriter, request: SetWatches): void {
  writeSetWatches(writer, request)
  writeStrings(writer, request.persistentWatches)
  writeStrings(writer, request.persistentRecursiveWatches)
}

export function readSetWatches2(reader: JuteReader): SetWatches {
  return {
    relativeZxid: reader.zxid(),
    dataWatches: readStrings(reader),
    existWatches: readStrings(reader),
    childWatches: readStrings(reader),
    persistentWatches: readStrings(reader),
    persistentRecursiveWatches: readStrings(reader),
  }
}
