// Settings: where the data is.

import { DECODED_INT, mapped, nearest, SWITCH, TEXT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface DataSettings {
  readonly dataDir: string
  readonly dataLogDir: string
  readonly datadirAutocreate: boolean
  /** 0: none. */
  readonly diskReserveBytes: number
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
    diskReserveBytes: {
      key: 'ringkeeper.diskReserveInMb',
      from: 'both',
      kind: mapped(nearest(DECODED_INT, 0), (megabytes) => megabytes * 2 ** 20),
      default: '64',
      where: 'runtime/server.ts',
      meaning:
        'While the data’s file systems have less room than this, a server that decides about writes refuses what ' +
        'adds data (`QuotaExceeded`); 0 is never.',
    },
  },
}
