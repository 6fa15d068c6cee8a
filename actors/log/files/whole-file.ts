// Small files that are replaced as a whole: after a crash there is the old one or the new one.

import type { Files, Folder } from './files.ts'

/** As ZooKeeper calls it; what a crash leaves of it is read by nobody. */
const TEMPORARY = '.tmp'

/** Durable on return, content and name. */
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

/** The first `bytesMax` bytes; null when there is no such file. */
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
