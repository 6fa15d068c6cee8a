// Where the consoles of the ensemble's members are: as ringkeeper.consoleMembers says, or else on each
// member's host under this server's own admin port.

import type { ServerOptions } from '../../config/options.ts'
import type { Neighbours } from './access.ts'

export interface MemberView {
  readonly id: number
  readonly isOwn: boolean
  readonly role: 'participant' | 'observer'
  readonly host: string
  /** `http://host:port`, or with HTTPS if this server's console has it; null if it is not known. */
  readonly origin: string | null
}

type Options = Pick<
  ServerOptions,
  'ensemble' | 'consoleMembers' | 'adminServerPort' | 'adminForceHttps'
>

export function membersOf(options: Options): MemberView[] {
  const { ensemble, consoleMembers, adminServerPort, adminForceHttps } = options
  const members = ensemble?.membership.members ?? []
  return members.map(({ id, role, addresses }) => {
    const host = addresses[0]?.host ?? ''
    const guessed = adminServerPort === 0 ? null : `${bracketed(host)}:${adminServerPort}`
    const place = consoleMembers.size === 0 ? guessed : (consoleMembers.get(id) ?? null)
    const origin = place === null ? null : `${adminForceHttps ? 'https' : 'http'}://${place}`
    return { id, isOwn: id === ensemble?.serverId, role, host, origin }
  })
}

export function neighboursOf(options: Options): Neighbours {
  const members = membersOf(options)
  const others = members.filter(({ isOwn }) => !isOwn)
  return {
    origins: others.flatMap(({ origin }) => (origin === null ? [] : [origin])),
    hosts: members.flatMap(({ host, origin }) => [
      host,
      ...(origin === null ? [] : [hostOf(origin)]),
    ]),
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function hostOf(origin: string): string {
  return origin.replace(/^https?:\/\//, '').replace(/:\d+$/, '')
}
