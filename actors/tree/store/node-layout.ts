// A node's record: 128 bytes in a page of 512, nothing but offsets.
//
//   byte  0 czxid  8 mzxid  16 pzxid  24 ctime  32 mtime            (doubles)
//        40 owner high, low   48 version  52 cversion  56 aversion  60 aclId
//        64 parent  68 firstChild  72 nextSibling  76 previousSibling
//        80 numChildren  84 hashNext  88 hash  92 dataRef  96 dataLength
//       100 nameLength  104 digest  108 contentCrc  112 name, or nameRef when longer than 16
//
// Node 0 is no node, node 1 the root.

export const NODE_SHIFT = 9
export const NODE_MASK = 511
/** Doubles and words a record takes, as shifts. */
export const F64_SHIFT = 4
export const I32_SHIFT = 5
export const U8_SHIFT = 7

export const CZXID = 0
export const MZXID = 1
export const PZXID = 2
export const CTIME = 3
export const MTIME = 4

export const OWNER_HIGH = 10
export const OWNER_LOW = 11
export const VERSION = 12
export const CVERSION = 13
export const AVERSION = 14
export const ACL_ID = 15
export const PARENT = 16
export const FIRST_CHILD = 17
export const NEXT_SIBLING = 18
export const PREVIOUS_SIBLING = 19
export const NUM_CHILDREN = 20
export const HASH_NEXT = 21
export const HASH = 22
export const DATA_REF = 23
/** -1 for null data. */
export const DATA_LENGTH = 24
export const NAME_LENGTH = 25
/** CRC-32 over path, data and stat, as the tree's digest counts it. */
export const DIGEST = 26
/** CRC state after path and data, from which the digest goes on with the stat. */
export const CONTENT_CRC = 27
export const NAME = 28

export const NAME_AT = 112
export const NAME_INLINE_BYTES = 16

export const NO_NODE = 0
export const ROOT = 1
