// A disk that passes everything on to another: for tests to put something of their own in its place.

import type { Files } from '../../actors/log/files/files.ts'

export function passedOn(files: Files): Files {
  return {
    list: (folder) => files.list(folder),
    open: (folder, name, mode) => files.open(folder, name, mode),
    isShared: (folder, name) => files.isShared(folder, name),
    remove: (folder, name) => files.remove(folder, name),
    rename: (folder, from, to) => files.rename(folder, from, to),
    syncFolder: (folder) => files.syncFolder(folder),
    openSnapshot: (name) => files.openSnapshot(name),
  }
}
