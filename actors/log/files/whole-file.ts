// Small files that are replaced as a whole: a crash leaves the old one or the new one.

import type { Files, Folder } from './files.ts'

/** ZooKeeper's suffix. Nobody reads what a crash leaves under such a name. */
const TEMPORARY = '.tmp'

/** Content and name are durable on return. */
export function replaceFile(files: Files, folder: Folder, name: string, bytes: Uint8Array): void {
  const temporary = name + TEMPORARY
  const file = files.open(folder, temporary, 'write')
  try {
    file.truncate(0)
    file.write(bytes, 0, bytes.length, 0)
    file.sync()
  } finally {
    file.close()
  }
  files.rename(folder, temporary, name)
  files.syncFolder(folder)
}

/** The first `bytesMax` bytes; null if there is no such file. */
export function readFile(
  files: Files,
  folder: Folder,
  name: string,
  bytesMax: number,
): Uint8Array | null {
  if (!files.list(folder).includes(name)) return null
  const file = files.open(folder, name, 'read')
  try {
    const bytes = new Uint8Array(bytesMax)
    let filled = 0
    for (;;) {
      const read = file.read(bytes.subarray(filled), filled)
      filled += read
      if (read === 0 || filled === bytesMax) return bytes.subarray(0, filled)
    }
  } finally {
    file.close()
  }
}
