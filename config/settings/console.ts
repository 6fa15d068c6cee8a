// Settings of the console, the admin server's page for people.

import { checked, type Kind, SWITCH, TEXT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface ConsoleSettings {
  readonly consoleEnabled: boolean
  /** `host:port` of the members' admin servers, by the member's id. */
  readonly consoleMembers: ReadonlyMap<number, string>
}

const MEMBER = /^(\d{1,3})=((?:[\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5})$/
const NO_MEMBERS: ReadonlyMap<number, string> = new Map()

const MEMBERS: Kind<ReadonlyMap<number, string>> = checked(
  { ...TEXT, allowed: 'id=host:port for each member, with commas between them' },
  (text) => {
    const found = text.split(',').map((part) => MEMBER.exec(part.trim()))
    if (found.some((one) => one === null)) return null
    const value = new Map(found.map((one) => [Number(one?.[1]), one?.[2] ?? ''] as const))
    return { value, remark: null }
  },
)

export const CONSOLE: Chapter<ConsoleSettings> = {
  title: 'The console',
  scope: 'server',
  options: {
    consoleEnabled: {
      key: 'ringkeeper.consoleEnabled',
      from: 'both',
      kind: SWITCH,
      default: 'true',
      where: 'runtime/console',
      meaning: 'Whether the admin server has the console, a page for people under `/console/`.',
    },
    consoleMembers: {
      key: 'ringkeeper.consoleMembers',
      from: 'both',
      kind: MEMBERS,
      default: { value: NO_MEMBERS, said: 'each member’s host, and this server’s own admin port' },
      where: 'runtime/console',
      meaning:
        'Where the members’ admin servers are, as in `1=zk1:8080,2=zk2:8080`. The console asks them as well; their pages may ask this server.',
    },
  },
  inputs: {},
}
