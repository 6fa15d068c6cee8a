// Every actor and every ring of a server, with its size and the reason for it. ARCHITECTURE.md
// draws this table.
//
// Why no cycle of full rings can stop the server. Follow who waits for whom: network -> sessions ->
// tree -> watches -> network and tree -> zab -> log. The backward edges are
//   watches -> network   always drained: the network loop keeps what a socket cannot take, and
//                        stops reading from sockets instead of waiting for a ring;
//   tree -> network      likewise, but not past a barrier the watches actor has not passed: that
//                        one waits for nobody else, so it will;
//   tree -> sessions     absorbing: handling it sends nothing, so it is drained even while the
//                        sessions actor waits for the tree;
//   tree, log, sessions, election -> zab   drained even while zab waits for the tree or the log:
//                        what zab then holds is bounded by the requests that were admitted, since
//                        it stops reading from its peers' sockets instead;
//   zab -> sessions      absorbing, as tree -> sessions;
//   log -> zab, zab -> tree, log -> tree   once recovery is over, at most one frame of a zxid for
//                        each proposal in flight, and the tree has at most GLOBAL_OUTSTANDING_MAX of
//                        those: the rings hold them all. What is read back for learners waits for
//                        nobody but zab, which drains it always. During recovery log -> tree is full of
//                        what the disk held, but then the tree sends nothing to zab or the log.
//                        While it makes a long reply the tree takes nothing from these; what it
//                        waits for then is the network loop alone.
//
// Why no full ring stops another's duty. Who waits for a ring reads no sockets and no requests; what
// others count on meanwhile must not be among them:
//   zab -> log, tree -> log    the disk may hang for half a minute, and only proposals need it. So
//                        SPILL_DISK of them wait outside the ring, and zab goes on: a leader reads
//                        acknowledgements and commits with the others' disks; a learner answers
//                        PINGs, tells of its sessions, applies commits; a tree that stands alone
//                        answers reads and pings. Beyond that they wait, and a leader steps down if
//                        others can do without it (actors/zab/leader/leader.ts);
//   zab -> tree          the same for a tree that is busy, with SPILL_TREE. Beyond that a leader's
//                        heartbeats go on (whileBlocked);
//   tree -> watches      the network loop takes events when it has read the mark behind them, so
//                        watches may be full while the tree waits for room there: then it sends
//                        that mark (whileBlocked), and the loop takes them;
//   sessions -> tree     as zab -> tree: a learner's session manager goes on telling whom it has heard;
//   election             sends some words an election, and has a thread and sockets of its own: votes
//                        wait for nobody;
//   network              never waits; a client that is not read from counts as heard, unless it owes
//                        that to itself (runtime/net/stalled.ts).

import { GLOBAL_OUTSTANDING_MAX } from '../config/limits.ts'
import { assert } from '../protocol/assert.ts'
import { WatchFilter } from '../protocol/watch-filter.ts'
import { Doorbell } from './ring/doorbell.ts'
import { Inbox, Outbox } from './ring/mailbox.ts'
import { RingConsumer, RingProducer } from './ring/ring.ts'
import { type RingCounters, ringCounters } from './ring/ring-counters.ts'
import { frameBytes, ringMemory } from './ring/ring-layout.ts'
import { TurnCounters } from './thread/turn-counters.ts'

export type ActorName = 'tree' | 'zab' | 'log' | 'sessions' | 'watches' | 'election'
/** Of a standalone server, and of a member of an ensemble. */
export const ACTORS: readonly ActorName[] = ['tree', 'zab', 'log', 'sessions', 'watches']
export const MEMBER_ACTORS: readonly ActorName[] = [...ACTORS, 'election']
export type Endpoint = ActorName | 'network'
export const ENDPOINTS: readonly Endpoint[] = ['network', ...MEMBER_ACTORS]

const MIB = 1 << 20
/** Bytes that may wait outside a full ring before its producer has to wait. */
const SPILL_DISK = 64 * MIB
const SPILL_TREE = 16 * MIB

interface Edge {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly bytes: number
  readonly spill?: number
  readonly absorbing?: boolean
}

export type EdgeName =
  | 'network>tree'
  | 'network>sessions'
  | 'network>log'
  | 'sessions>tree'
  | 'sessions>zab'
  | 'tree>sessions'
  | 'tree>zab'
  | 'tree>watches'
  | 'tree>log'
  | 'tree>network'
  | 'zab>log'
  | 'zab>tree'
  | 'zab>sessions'
  | 'zab>election'
  | 'election>zab'
  | 'log>zab'
  | 'log>tree'
  | 'watches>network'

const EDGES: Readonly<Record<EdgeName, Edge>> = {
  /** Requests: a burst from all clients, and a frame of 1 MB in eight pieces. */
  'network>tree': { from: 'network', to: 'tree', bytes: 4 * MIB },
  /** Handshakes. */
  'network>sessions': { from: 'network', to: 'sessions', bytes: MIB },
  /** The ends of snapshots. */
  'network>log': { from: 'network', to: 'log', bytes: MIB / 16 },
  'sessions>tree': { from: 'sessions', to: 'tree', bytes: MIB, spill: MIB },
  'tree>sessions': { from: 'tree', to: 'sessions', bytes: MIB, absorbing: true },
  /** The sessions that a learner has heard: at most all of them, a few times a second. */
  'sessions>zab': { from: 'sessions', to: 'zab', bytes: MIB, absorbing: true },
  'zab>sessions': { from: 'zab', to: 'sessions', bytes: MIB, absorbing: true },
  /** A few words in each election. */
  'zab>election': { from: 'zab', to: 'election', bytes: MIB / 64 },
  'election>zab': { from: 'election', to: 'zab', bytes: MIB / 64, absorbing: true },
  /** Proposals: as many bytes as requests. */
  'tree>zab': { from: 'tree', to: 'zab', bytes: 4 * MIB, absorbing: true },
  'zab>log': { from: 'zab', to: 'log', bytes: 4 * MIB, spill: SPILL_DISK },
  /** Also a piece for each learner that lags. One piece too many spills, and delays only such
   * learners. */
  'log>zab': { from: 'log', to: 'zab', bytes: 4 * MIB, absorbing: true },
  'zab>tree': { from: 'zab', to: 'tree', bytes: 2 * MIB, spill: SPILL_TREE },
  /** Snapshot and log during recovery: large, so that reading and applying overlap. */
  'log>tree': { from: 'log', to: 'tree', bytes: 8 * MIB },
  /** The same, if the tree stands alone. */
  'tree>log': { from: 'tree', to: 'log', bytes: 4 * MIB, spill: SPILL_DISK },
  /** Replies. */
  'tree>network': { from: 'tree', to: 'network', bytes: 4 * MIB },
  /** Changes that may be watched, and registrations. */
  'tree>watches': { from: 'tree', to: 'watches', bytes: 4 * MIB },
  'watches>network': { from: 'watches', to: 'network', bytes: 4 * MIB },
}

export const EDGE_NAMES: readonly EdgeName[] = Object.keys(EDGES) as EdgeName[]

/** What `synced` and `committed` take in a ring: only the two words of a zxid. */
const COMMITS_BYTES_MAX = GLOBAL_OUTSTANDING_MAX * frameBytes(2, 0)
assert(EDGES['log>zab'].bytes >= COMMITS_BYTES_MAX, 'log>zab holds every commit')
assert(EDGES['zab>tree'].bytes >= COMMITS_BYTES_MAX, 'zab>tree holds every commit')
assert(EDGES['log>tree'].bytes >= COMMITS_BYTES_MAX, 'log>tree holds every commit')

/** The shared memory of one server's rings. Plain data, which is posted to each thread. */
export interface Wiring {
  readonly rings: Readonly<Record<EdgeName, SharedArrayBuffer>>
  readonly bells: Readonly<Record<Endpoint, SharedArrayBuffer>>
  readonly turns: Readonly<Record<Endpoint, SharedArrayBuffer>>
  readonly watchFilter: SharedArrayBuffer
}

/** Sizes of rings, powers of two. Tests that want full rings give others than the table's. */
export type RingBytes = Readonly<Partial<Record<EdgeName, number>>>

/** The smaller a test makes a ring, the less may wait outside it. */
export function wire(bytes: RingBytes = {}): Wiring {
  const rings = {} as Record<EdgeName, SharedArrayBuffer>
  for (const name of EDGE_NAMES) {
    rings[name] = ringMemory(bytes[name] ?? EDGES[name].bytes)
  }
  const bells = {} as Record<Endpoint, SharedArrayBuffer>
  const turns = {} as Record<Endpoint, SharedArrayBuffer>
  for (const endpoint of ENDPOINTS) {
    bells[endpoint] = new Doorbell().memory
    turns[endpoint] = new TurnCounters().memory
  }
  return { rings, bells, turns, watchFilter: new WatchFilter().memory }
}

export function outboxOf(wiring: Wiring, name: EdgeName): Outbox {
  const edge: Edge = EDGES[name]
  const bell = new Doorbell(wiring.bells[edge.to])
  const ring = new RingProducer(wiring.rings[name])
  return new Outbox(name, ring, bell, ((edge.spill ?? 0) / edge.bytes) * ring.capacity)
}

export function inboxOf(wiring: Wiring, name: EdgeName): Inbox {
  const edge: Edge = EDGES[name]
  const bell = new Doorbell(wiring.bells[edge.from])
  return new Inbox(name, new RingConsumer(wiring.rings[name]), bell, edge.absorbing ?? false)
}

export function turnCountersOf(wiring: Wiring, endpoint: Endpoint): TurnCounters {
  return new TurnCounters(wiring.turns[endpoint])
}

/** What all rings and threads count. In a standalone server those of election never move. */
export interface Counters {
  readonly rings: readonly (readonly [from: Endpoint, to: Endpoint, RingCounters])[]
  readonly turns: readonly (readonly [Endpoint, TurnCounters])[]
}

export function countersOf(wiring: Wiring): Counters {
  const rings = EDGE_NAMES.map((name) => {
    const { from, to } = EDGES[name]
    return [from, to, ringCounters(wiring.rings[name])] as const
  })
  return { rings, turns: ENDPOINTS.map((name) => [name, turnCountersOf(wiring, name)] as const) }
}
