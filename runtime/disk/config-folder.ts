// The folder of zoo.cfg on the disk.

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigFiles, type ConfigFolder } from './config-files.ts'

class DiskFolder implements ConfigFolder {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  read(name: string): string {
    return readFileSync(join(this.#path, name), 'utf8')
  }

  has(name: string): boolean {
    return existsSync(join(this.#path, name))
  }

  replace(name: string, text: string): void {
    const path = join(this.#path, name)
    const beside = `${path}.tmp`
    const file = openSync(beside, 'w')
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
    this.#sync()
  }

  remove(name: string): void {
    rmSync(join(this.#path, name), { force: true })
    this.#sync()
  }

  #sync(): void {
    const folder = openSync(this.#path, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  }
}

/** Of the configuration in this file. */
export function configFiles(path: string, serverId: number): ConfigFiles {
  return new ConfigFiles(new DiskFolder(dirname(path)), path, serverId)
}
