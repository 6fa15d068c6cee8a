// getChildrenPage: some of a node's children, so that a node with many costs no more at once than one
// with few. Ringkeeper's own; ZooKeeper has nothing like it.
//
//   GetChildrenPageRequest   ustring path, ustring after, int limit
//   GetChildrenPageResponse  vector<ustring> children, Stat stat, boolean isLast
//
// `after` is the last child of the page before; null for the first page. Who goes on until `isLast` has
// seen every child that was there all the time, once.

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import { readStat, type Stat } from '../stat.ts'
import type { Call } from './call.ts'
import { readStrings } from './strings.ts'

export interface GetChildrenPageRequest {
  readonly path: string
  readonly after: string | null
  /** From 1 to PAGE_CHILDREN_MAX. */
  readonly limit: number
}

export const PAGE_CHILDREN_MAX = 1000

export interface ChildrenPage {
  readonly children: readonly string[]
  readonly stat: Stat
  readonly isLast: boolean
}

export const getChildrenPage: Call<GetChildrenPageRequest, ChildrenPage> = {
  code: OpCode.getChildrenPage,
  write: (writer: JuteWriter, { path, after, limit }: GetChildrenPageRequest): void => {
    writer.string(path)
    writer.string(after)
    writer.int(limit)
  },
  read: (reader: JuteReader): ChildrenPage => ({
    children: readStrings(reader),
    stat: readStat(reader),
    isLast: reader.bool(),
  }),
}
