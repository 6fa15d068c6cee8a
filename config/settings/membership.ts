// Settings: which servers there are. The lines themselves are read in config/ensemble/.

import { BOOLEAN, TEXT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface MembershipInputs {
  readonly dynamicConfigFile: string | null
  readonly standaloneEnabled: boolean
}

export const MEMBERSHIP: Chapter<unknown, MembershipInputs> = {
  title: 'Servers',
  scope: 'server',
  options: {},
  inputs: {
    dynamicConfigFile: {
      key: 'dynamicConfigFile',
      from: 'file',
      kind: TEXT,
      default: { value: null, said: '' },
      where: 'config',
      meaning: 'A file with the server, group and weight lines.',
    },
    standaloneEnabled: {
      key: 'standaloneEnabled',
      from: 'file',
      kind: BOOLEAN,
      default: 'true',
      where: 'config',
      meaning: '`false` makes an ensemble of a single server.',
    },
  },
  more: [
    {
      key: '`server.N`',
      meaning:
        '`host:port:electionPort[:role][;[address:]clientPort]`, one for each server; N is any whole ' +
        'number from 0 on, with extended types up to 254. Several addresses of one server stand ' +
        'between bars. One line means a standalone server.',
    },
    {
      key: '`group.N` `weight.N`',
      meaning: "Groups of servers (`1:2:3`) and what each server's vote weighs, as with ZooKeeper.",
    },
  ],
}
