// What a node's stored ephemeralOwner may be besides a session id (EphemeralType): containers and
// TTL nodes are encoded in the same 64 bits.
//
//   0                      persistent
//   0x8000000000000000     container
//   0xff00 + ttl, 40 bits  expires `ttl` ms after its last change (extended types only)
//   anything else          the session that owns an ephemeral

export const CONTAINER_OWNER: bigint = -(2n ** 63n)
export const TTL_MS_MAX: number = 2 ** 40 - 1

const TTL_TOP_BYTE = 0xff
const CONTAINER_HIGH = -0x8000_0000

export const NodeKind = { persistent: 0, ephemeral: 1, container: 2, ttl: 3 } as const
export type NodeKind = (typeof NodeKind)[keyof typeof NodeKind]

/** Both words are signed. Without extended types a TTL owner is just a session id, as in
 * ZooKeeper. */
export function kindOf(ownerHigh: number, ownerLow: number, extendedTypes: boolean): NodeKind {
  if (ownerHigh === 0 && ownerLow === 0) return NodeKind.persistent
  if (ownerHigh === CONTAINER_HIGH && ownerLow === 0) return NodeKind.container
  if (extendedTypes && ownerHigh >>> 24 === TTL_TOP_BYTE) return NodeKind.ttl
  return NodeKind.ephemeral
}

export function ttlOwner(ttlMs: number): bigint {
  return BigInt.asIntN(64, (0xffn << 56n) | BigInt(ttlMs))
}

/** Milliseconds. */
export function ttlOf(ownerHigh: number, ownerLow: number): number {
  return (ownerHigh & 0xff) * 0x1_0000_0000 + (ownerLow >>> 0)
}
