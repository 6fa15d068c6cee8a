// The configuration's files of a simulated member, on its disk: written by the code of production, read
// as a start reads them.

import { basename, join } from 'node:path'
import { parseProperties } from '../../../../config/java/properties.ts'
import type { ServerOptions } from '../../../../config/options.ts'
import {
  type Member,
  type MembershipConfig,
  membershipText,
  readMembership,
} from '../../../../protocol/quorum/membership-config.ts'
import { ConfigFiles, type ConfigFolder } from '../../../../runtime/disk/config-files.ts'
import type { SimulatedDisk } from '../../world/disk.ts'
import { check } from '../../world/event-log.ts'

/** Beside the snapshots: the log knows its own files by their names. */
const FOLDER = 'snapshot'
const NAME = 'zoo.cfg'
const NEXT = `${NAME}.dynamic.next`
const PATH = join('/', NAME)

class SimulatedFolder implements ConfigFolder {
  readonly #disk: SimulatedDisk

  constructor(disk: SimulatedDisk) {
    this.#disk = disk
  }

  read(name: string): string {
    const bytes = this.#disk.peek(FOLDER, name)
    check(bytes !== null, () => `there is no ${name}`)
    return Buffer.from(bytes).toString()
  }

  has(name: string): boolean {
    return this.#disk.peek(FOLDER, name) !== null
  }

  replace(name: string, text: string): void {
    const beside = `${name}.tmp`
    const file = this.#disk.open(FOLDER, beside, 'write')
    const bytes = Buffer.from(text)
    file.truncate(0)
    file.write(bytes, 0, bytes.length, 0)
    file.sync()
    file.close()
    this.#disk.rename(FOLDER, beside, name)
    this.#disk.syncFolder(FOLDER)
  }

  remove(name: string): void {
    this.#disk.remove(FOLDER, name)
    this.#disk.syncFolder(FOLDER)
  }
}

export function configFilesOn(disk: SimulatedDisk, serverId: number): ConfigFiles {
  return new ConfigFiles(new SimulatedFolder(disk), PATH, serverId)
}

/** Whether a configuration is noted there that is to follow. */
export function hasNext(disk: SimulatedDisk): boolean {
  return disk.peek(FOLDER, NEXT) !== null
}

/** What the files say; null if there are none. */
export function configOn(disk: SimulatedDisk): MembershipConfig | null {
  const folder = new SimulatedFolder(disk)
  if (!folder.has(NAME)) return null
  const text = folder.read(NAME)
  const dynamic = parseProperties(text).find(({ key }) => key === 'dynamicConfigFile')?.value
  if (dynamic === undefined) return readMembership(text)
  const version = /\.([0-9a-f]+)$/.exec(dynamic)?.[1] ?? '0'
  return readMembership(`${folder.read(basename(dynamic))}\nversion=${version}`)
}

/** The member's options, with the membership that its files name. An operator who starts a server that
 * is no member gives it a file with the members and the server itself. */
export function optionsOn(
  disk: SimulatedDisk,
  options: ServerOptions,
  newest: () => MembershipConfig,
): ServerOptions {
  const { ensemble } = options
  if (ensemble === null || !options.reconfigEnabled) return options
  const { serverId } = ensemble
  let config = configOn(disk) ?? ensemble.membership
  if (!config.members.some(({ id }) => id === serverId))
    config = joined(newest(), serverId, ensemble)
  if (configOn(disk) === null || config.version === 0n) {
    disk.put(FOLDER, NAME, Buffer.from(`tickTime=1\n${membershipText(config)}\n`))
  }
  const own = config.members.find(({ id }) => id === serverId)!
  return { ...options, ensemble: { ...ensemble, membership: config, peerType: own.role } }
}

function joined(
  config: MembershipConfig,
  serverId: number,
  { membership }: { readonly membership: MembershipConfig },
): MembershipConfig {
  const own = membership.members.find(({ id }) => id === serverId)!
  const self: Member = { ...own, role: 'participant' }
  const members = [...config.members, self].sort((a, b) => a.id - b.id)
  return { ...config, version: 0n, members }
}
