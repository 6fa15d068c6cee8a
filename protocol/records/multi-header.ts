// The frame around each part of a multi or multiRead, in both directions.
//
//   MultiHeader  int type, boolean done, int err
//
// A list of parts ends with {-1, true, -1}.

import { type JuteReader, MalformedError } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'

const END = -1

export function writeMultiHeader(writer: JuteWriter, type: number, err: number): void {
  writer.int(type)
  writer.bool(false)
  writer.int(err)
}

export function writeMultiEnd(writer: JuteWriter): void {
  writer.int(END)
  writer.bool(true)
  writer.int(END)
}

/** The result of a part that failed, or that another part's failure took back. */
export function writeMultiError(writer: JuteWriter, err: number): void {
  writeMultiHeader(writer, OpCode.error, err)
  writer.int(err)
}

/** The type of the next part; null after the last. */
export function readMultiHeader(reader: JuteReader): number | null {
  const type = reader.int()
  const done = reader.bool()
  reader.int()
  return done ? null : type
}

/** Reads parts up to the end mark. Every part has nine bytes of header, so the message bounds the
 * list. */
export function readMultiParts<T>(
  reader: JuteReader,
  readPart: (type: number, reader: JuteReader) => T,
): T[] {
  const parts: T[] = []
  for (;;) {
    const type = readMultiHeader(reader)
    if (type === null) return parts
    parts.push(readPart(type, reader))
  }
}

export function unexpectedPart(type: number): never {
  throw new MalformedError(`operation ${type} inside a multi`)
}
