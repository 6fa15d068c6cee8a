// The files of a member's configuration, as ZooKeeper writes them (QuorumPeerConfig):
//
//   zoo.cfg                    says everything but who the members are, and names the next file
//   zoo.cfg.dynamic.100000007  the members, of the configuration with this version
//   zoo.cfg.dynamic.next       the members of the one that was proposed last, and its version
//   zoo.cfg.bak                zoo.cfg as it was when it still named members itself
//
// A file is replaced whole: written beside it, synced, renamed. zoo.cfg names only files that are
// there, so a start after a crash finds either configuration, and the log says which one came of it
// (actors/zab/configurations.ts).

import { basename, dirname, join } from 'node:path'
import { hasDynamicFile, rewritten } from '../../config/rewritten.ts'
import type { ConfigFile } from '../../protocol/messages/log.ts'

/** The folder of zoo.cfg. Whatever returns is durable. */
export interface ConfigFolder {
  read(name: string): string
  has(name: string): boolean
  replace(name: string, text: string): void
  remove(name: string): void
}

const VERSION = 'version='

export class ConfigFiles {
  readonly #folder: ConfigFolder
  readonly #path: string
  readonly #serverId: number

  /** `path`: of zoo.cfg. */
  constructor(folder: ConfigFolder, path: string, serverId: number) {
    this.#folder = folder
    this.#path = path
    this.#serverId = serverId
  }

  /** Writes the text of a configuration; an empty one means that nothing is to follow. */
  save(which: ConfigFile, text: string): void {
    const next = `${this.#name}.dynamic.next`
    const lines = text.split('\n').sort()
    if (which === 'next' && text !== '') {
      this.#folder.replace(next, lines.join('\n'))
      return
    }
    if (which === 'current') this.#activate(lines)
    if (this.#folder.has(next)) this.#folder.remove(next)
  }

  /** Before the first of them: zoo.cfg as its operator wrote it. */
  backUp(): void {
    const text = this.#folder.read(this.#name)
    if (!hasDynamicFile(text)) this.#folder.replace(`${this.#name}.bak`, text)
  }

  #activate(lines: readonly string[]): void {
    const version = lines.find((line) => line.startsWith(VERSION))?.slice(VERSION.length) ?? '0'
    const dynamic = `${this.#name}.dynamic.${version}`
    const members = lines.filter((line) => !line.startsWith(VERSION))
    this.#folder.replace(dynamic, members.join('\n'))
    const own = members.find((line) => line.startsWith(`server.${this.#serverId}=`))
    const text = this.#folder.read(this.#name)
    this.#folder.replace(
      this.#name,
      rewritten(text, {
        dynamicConfigFile: join(dirname(this.#path), dynamic),
        dropsClientPort: own?.includes(';') === true,
      }),
    )
  }

  get #name(): string {
    return basename(this.#path)
  }
}
