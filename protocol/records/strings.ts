// vector<ustring>, the shape of several records. A null vector counts as an empty one, because
// nothing in the protocol tells them apart. A null string in it is malformed.

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'

export function writeStrings(writer: JuteWriter, strings: readonly string[]): void {
  writer.int(strings.length)
  for (const text of strings) writer.string(text)
}

export function readStrings(reader: JuteReader): string[] {
  return reader.vector(readText) ?? []
}

function readText(reader: JuteReader): string {
  return reader.text()
}
