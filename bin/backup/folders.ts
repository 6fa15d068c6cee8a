// Where a data folder keeps its files, and how one set of files takes the place of another: all at once, so that
// whatever moment a restore is killed at, either is whole, and a server never begins empty in between.
//
//   version-2            what a server uses
//   version-2.restoring  what is being made
//   version-2.replaced   what was there before
//
// A folder without version-2 and with version-2.replaced is in between. No server starts there
// (runtime/disk/files.ts), and the next restore first puts everything back.

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { REPLACED_ENDING, syncPath } from '../../runtime/disk/files.ts'
import { ToolError } from '../tools/output.ts'

export const VERSION_FOLDER = 'version-2'
const RESTORING = `${VERSION_FOLDER}.restoring`
const REPLACED = VERSION_FOLDER + REPLACED_ENDING

export function versionFolder(folder: string): string {
  return join(folder, VERSION_FOLDER)
}

/** An empty folder for the files to come; what an earlier attempt left is removed. */
export function beginReplacement(folders: readonly string[]): readonly string[] {
  putBack(folders)
  for (const folder of folders) {
    const replaced = join(folder, REPLACED)
    if (!existsSync(replaced)) continue
    throw new ToolError(
      `${replaced} holds what the last restore replaced: keep it elsewhere, or remove it`,
      1,
    )
  }
  return folders.map((folder) => {
    const fresh = join(folder, RESTORING)
    rmSync(fresh, { recursive: true, force: true })
    mkdirSync(fresh, { recursive: true })
    return fresh
  })
}

/** The new files take the place of the old ones, which stay as version-2.replaced. */
export function replace(folders: readonly string[]): void {
  for (const folder of folders) syncPath(join(folder, RESTORING))
  for (const folder of folders) {
    if (existsSync(versionFolder(folder))) renameSync(versionFolder(folder), join(folder, REPLACED))
    else mkdirSync(join(folder, REPLACED))
    syncPath(folder)
  }
  for (const folder of folders) {
    renameSync(join(folder, RESTORING), versionFolder(folder))
    syncPath(folder)
  }
}

/** If a replacement was cut short, the old files are where they were. */
export function putBack(folders: readonly string[]): void {
  const isBetween = folders.some(
    (folder) => !existsSync(versionFolder(folder)) && existsSync(join(folder, REPLACED)),
  )
  const isNew = folders.filter((folder) => !existsSync(join(folder, RESTORING)))
  if (!isBetween) {
    // With two folders, one may still wait for its turn.
    const waits = folders.filter((folder) => existsSync(join(folder, REPLACED)))
    if (waits.length === 0 || waits.length === folders.length) return
  }
  for (const folder of folders) {
    if (!existsSync(join(folder, REPLACED))) continue
    if (isNew.includes(folder)) rmSync(versionFolder(folder), { recursive: true, force: true })
    renameSync(join(folder, REPLACED), versionFolder(folder))
    syncPath(folder)
  }
}
