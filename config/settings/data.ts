// Settings: where the data is.

import { SWITCH, TEXT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface DataSettings {
  readonly dataDir: string
  readonly dataLogDir: string
  readonly datadirAutocreate: boolean
}

export const DATA: Chapter<DataSettings> = {
  title: 'Data folders',
  scope: 'server',
  inputs: {},
  options: {
    dataDir: {
      key: 'dataDir',
      from: 'file',
      kind: TEXT,
      default: { value: 'data', said: 'required' },
      where: 'runtime/disk',
      meaning: 'Snapshots, and the log unless `dataLogDir` is set.',
    },
    dataLogDir: {
      key: 'dataLogDir',
      from: 'file',
      kind: TEXT,
      default: { value: 'data', said: '`dataDir`' },
      where: 'runtime/disk',
      meaning: 'The transaction log.',
    },
    datadirAutocreate: {
      key: 'datadir.autocreate',
      from: 'both',
      kind: SWITCH,
      default: 'true',
      where: 'runtime/disk',
      meaning: 'Create missing folders.',
    },
  },
}
