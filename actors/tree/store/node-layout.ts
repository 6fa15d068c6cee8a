// Where everything lies in a node's record. A page is full of records. Node 0 is no node, node 1
// the root.

import { assert } from '../../../protocol/assert.ts'
import { DOUBLE_BYTES, Layout, WORD_BYTES } from '../../../protocol/bytes/layout.ts'
import { PAGE_BYTES } from './pages.ts'

export const NO_NODE = 0
export const ROOT = 1

const RECORD_BYTES = 128

/** How many nodes a page holds, as a shift and a mask. */
export const NODE_SHIFT: number = Math.log2(PAGE_BYTES / RECORD_BYTES)
export const NODE_MASK: number = (1 << NODE_SHIFT) - 1
assert(Number.isInteger(NODE_SHIFT), 'a page is full of records')

/** The size of a record in bytes, doubles and words, as shifts. */
export const U8_SHIFT: number = Math.log2(RECORD_BYTES)
export const F64_SHIFT: number = Math.log2(RECORD_BYTES / DOUBLE_BYTES)
export const I32_SHIFT: number = Math.log2(RECORD_BYTES / WORD_BYTES)
assert(Number.isInteger(U8_SHIFT), 'the bytes of a record are a power of two')

const record = new Layout(0, RECORD_BYTES)

export const CZXID: number = record.double()
export const MZXID: number = record.double()
export const PZXID: number = record.double()
export const CTIME: number = record.double()
export const MTIME: number = record.double()

export const OWNER_HIGH: number = record.word()
export const OWNER_LOW: number = record.word()
export const VERSION: number = record.word()
export const CVERSION: number = record.word()
export const AVERSION: number = record.word()
export const ACL_ID: number = record.word()
export const PARENT: number = record.word()
export const FIRST_CHILD: number = record.word()
export const NEXT_SIBLING: number = record.word()
export const PREVIOUS_SIBLING: number = record.word()
export const NUM_CHILDREN: number = record.word()
export const HASH_NEXT: number = record.word()
export const HASH: number = record.word()
export const DATA_REF: number = record.word()
/** -1 for null data. */
export const DATA_LENGTH: number = record.word()
export const NAME_LENGTH: number = record.word()
/** The CRC-32 over path, data and stat, as the tree's digest counts it. */
export const DIGEST: number = record.word()
/** The CRC state after path and data. The digest continues from it with the stat. */
export const CONTENT_CRC: number = record.word()
/** The name's bytes; or where it is, if it is longer than the rest of the record. */
export const NAME: number = record.word()

/** Where a node's words begin in its page. */
export function recordAt(node: number): number {
  return (node & NODE_MASK) << I32_SHIFT
}

export const NAME_AT: number = NAME * WORD_BYTES
export const NAME_INLINE_BYTES: number = RECORD_BYTES - NAME_AT
