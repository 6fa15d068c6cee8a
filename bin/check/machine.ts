// What a configuration meets on this machine: names, disks, memory, descriptors.

import { lookup } from 'node:dns/promises'
import { existsSync, statfsSync, statSync } from 'node:fs'
import { networkInterfaces, totalmem } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { ServerOptions } from '../../config/options.ts'
import { planDescriptors } from '../../runtime/process/descriptors.ts'
import type { Report } from './finding.ts'

const MEGABYTE = 1e6
const FREE_BYTES_MIN = 1000 * MEGABYTE
const FREE_SHARE_MIN = 0.1
const MEMORY_BYTES_MIN = 1000 * MEGABYTE

export async function checkMachine(options: ServerOptions, report: Report): Promise<void> {
  checkDisks(options, report)
  checkMemory(report)
  checkDescriptors(options, report)
  await checkNames(options, report)
}

function checkDisks({ dataDir, dataLogDir }: ServerOptions, report: Report): void {
  const folders = [...new Set([dataDir, dataLogDir])]
  for (const folder of folders) {
    const place = existing(folder)
    const { bavail, bsize, blocks } = statfsSync(place)
    const free = bavail * bsize
    const share = blocks === 0 ? 1 : bavail / blocks
    report.fact(
      `${folder}: ${Math.round(free / MEGABYTE)} MB are free, ${Math.round(share * 100)} %`,
    )
    if (free < FREE_BYTES_MIN || share < FREE_SHARE_MIN) {
      report.danger(
        `the disk of ${folder} is nearly full: ${Math.round(free / MEGABYTE)} MB are free`,
        'A full disk stops every write. Make room, or take a larger disk.',
      )
    }
  }
  const [data, log] = folders
  if (data === undefined || log === undefined) return
  if (statSync(existing(data)).dev === statSync(existing(log)).dev) {
    report.note(
      `dataDir and dataLogDir are on the same file system: ${existing(data)}`,
      'Two folders on one disk gain nothing.',
    )
  }
}

/** The folder, or what is there of the way to it. */
function existing(folder: string): string {
  let place = resolve(folder)
  while (!existsSync(place)) place = dirname(place)
  return place
}

function checkMemory(report: Report): void {
  const total = totalmem()
  report.fact(`memory: ${Math.round(total / MEGABYTE)} MB`)
  if (total >= MEMORY_BYTES_MIN) return
  report.danger(
    `this machine has ${Math.round(total / MEGABYTE)} MB of memory, and a server keeps the whole tree there`,
    'Swapping ends sessions. Take a machine with at least twice the size of the tree.',
  )
}

function checkDescriptors({ ensemble, maxCnxns }: ServerOptions, report: Report): void {
  const { limit, needed, clients } = planDescriptors(ensemble)
  if (!Number.isFinite(limit)) return
  report.fact(`file descriptors (ulimit -n): ${limit}, which leaves ${clients} for clients`)
  if (limit < needed) {
    report.stops(
      `a server needs ${needed} file descriptors, and may have ${limit}`,
      'Raise ulimit -n.',
    )
  } else if (clients < maxCnxns && clients < 1000) {
    report.danger(`only ${clients} clients can connect`, 'Raise ulimit -n.')
  }
}

async function checkNames(options: ServerOptions, report: Report): Promise<void> {
  const { ensemble, clientPortAddress } = options
  const hosts = new Map<string, string>()
  if (clientPortAddress !== null) hosts.set(clientPortAddress, 'clientPortAddress')
  for (const { id, addresses } of ensemble?.membership.members ?? []) {
    for (const { host } of addresses) hosts.set(host, `server.${id}`)
  }
  const own = ownAddresses()
  for (const [host, key] of hosts) {
    const addresses = await addressesOf(host)
    if (addresses.length === 0) {
      report.danger(
        `${key}: ${host} does not resolve on this machine`,
        'The server keeps trying; until it resolves, it is alone. Mend the name, or write an address.',
      )
      continue
    }
    const isOwn = key === `server.${ensemble?.serverId}` || key === 'clientPortAddress'
    if (!isOwn || addresses.some((address) => own.has(address))) continue
    report.danger(
      `${key}: ${host} is ${addresses.join(', ')}, which is no address of this machine`,
      'It cannot listen there. Is this the right myid, and the right machine?',
    )
  }
  const members = ensemble?.membership.members ?? []
  const isLoopback = (host: string): boolean => /^(localhost|127\.|::1$)/.test(host)
  const local = members.filter(({ addresses }) => addresses.every(({ host }) => isLoopback(host)))
  if (local.length > 0 && local.length < members.length) {
    const ids = local.map(({ id }) => `server.${id}`).join(', ')
    report.danger(
      `${ids}: a loopback address, which the other members cannot reach`,
      'Write an address that all members reach.',
    )
  }
}

function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return new Set(['0.0.0.0', '::', ...all.map(({ address }) => address)])
}

async function addressesOf(host: string): Promise<string[]> {
  try {
    const found = await lookup(host, { all: true })
    return found.map(({ address }) => address)
  } catch {
    return []
  }
}
