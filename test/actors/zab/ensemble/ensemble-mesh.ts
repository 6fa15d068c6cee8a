// Servers of an ensemble on one thread: an Election and an Zab actor each, with a simulated
// disk and tree, joined by simulated links. Every call between them crosses a wire of its own, as
// it crosses a ring in production. Same seed, same run.

import { Election } from '../../../../actors/election/election.ts'
import type { Link, ZabLog } from '../../../../actors/zab/neighbours.ts'
import { Zab } from '../../../../actors/zab/zab.ts'
import type { ElectionZabMessages } from '../../../../protocol/messages/election.ts'
import type { ServerId } from '../../../../protocol/quorum/server-id.ts'
import { formatZxid, type Zxid } from '../../../../protocol/zxid.ts'
import { membershipOf, type Roster } from '../../../support/membership.ts'
import { GAUGES } from '../ensemble-recorder.ts'
import { Checker, type Entry } from './ensemble-checker.ts'
import { Disk, type DiskAnswers } from './ensemble-disk.ts'
import { Links } from './ensemble-links.ts'
import { type End, type Item, Net, type NetNode } from './ensemble-net.ts'
import type { Plant } from './ensemble-plants.ts'
import { Reader } from './ensemble-reader.ts'
import { Tree } from './ensemble-tree.ts'
import { Wire, World } from './ensemble-world.ts'

export interface MeshOptions {
  readonly voters: number
  readonly observers: number
  readonly seed: number
  readonly commitLogCount: number
  readonly tracing: boolean
  readonly plant: Plant
}

const ELECTION_TIMES = {
  ...{ silenceMs: 150, agreedSilenceMs: 100, finalizeWaitMs: 50 },
  ...{ minNotificationIntervalMs: 100, maxNotificationIntervalMs: 2000 },
}

export class Mesh {
  readonly world: World
  readonly net: Net
  readonly checker: Checker = new Checker()
  readonly options: MeshOptions
  readonly config: Roster
  readonly disks: Map<ServerId, Disk> = new Map()
  readonly nodes: Map<ServerId, Node> = new Map()

  constructor(options: MeshOptions) {
    this.options = options
    this.world = new World(options.seed, options.tracing)
    this.net = new Net(this.world)
    const voters = Array.from({ length: options.voters }, (_, i) => i + 1)
    const observers = Array.from({ length: options.observers }, (_, i) => i + 11)
    this.config = { voters, observers, groups: [], weights: new Map() }
    for (const id of [...voters, ...observers]) this.disks.set(id, new Disk(this.world))
  }

  get ids(): ServerId[] {
    return [...this.disks.keys()]
  }

  boot(id: ServerId): void {
    if (this.nodes.has(id)) return
    const node = new Node(this, id)
    this.nodes.set(id, node)
    node.start()
  }

  crash(id: ServerId): void {
    const node = this.nodes.get(id)
    if (node === undefined) return
    this.world.note(() => `${id} crashes`)
    node.alive = false
    this.nodes.delete(id)
    this.net.leave(node)
    node.disk.crash()
  }

  /** Every server runs and serves, and all follow one leader. */
  converged(): boolean {
    if (this.nodes.size !== this.disks.size) return false
    const modes = [...this.nodes.values()].map(({ tree }) => tree.mode)
    const leaders = modes.filter((mode) => mode === 'leading')
    return leaders.length === 1 && !modes.includes('idle')
  }

  describe(): string {
    const lines = [...this.nodes.values()].map(
      ({ id, zab, election, tree, disk }) =>
        `${id}: ${zab.describe()}\n   ${election.describe()}\n` +
        `   tree ${tree.mode} at ${formatZxid(tree.zxid)}, disk ${disk.accepted}/${disk.current} ` +
        `${formatZxid(disk.snapshotZxid)}..${formatZxid(disk.last)}`,
    )
    return lines.join('\n')
  }
}

export class Node implements NetNode {
  readonly id: ServerId
  readonly mesh: Mesh
  readonly disk: Disk
  readonly tree: Tree
  readonly zab: Zab
  readonly election: Election
  readonly answers: DiskAnswers
  readonly #fromLog: Wire
  readonly #fromTree: Wire
  readonly #toElection: Wire
  readonly #fromElection: Wire
  readonly #reader: Reader
  readonly #links: Links
  alive = true
  pausedUntilMs = 0
  listening = false
  /** As last asked of the log. */
  acceptedEpoch: number
  /** For plants: the tree keeps this instead of what it is to load next. */
  keep: { entries: Entry[]; zxid: Zxid } | null = null
  #tickAtMs = Number.POSITIVE_INFINITY

  constructor(mesh: Mesh, id: ServerId) {
    this.mesh = mesh
    this.id = id
    this.disk = mesh.disks.get(id)!
    this.acceptedEpoch = this.disk.accepted
    const { world, options } = mesh
    const membership = membershipOf(mesh.config)
    const wire = (mostMs: number) =>
      new Wire(
        world,
        () => world.random(mostMs + 1),
        () => this.pausedUntilMs,
      )
    this.#fromLog = wire(2)
    this.#fromTree = wire(4)
    this.#toElection = wire(1)
    this.#fromElection = wire(1)
    this.answers = this.#diskAnswers()
    this.tree = new Tree(this.#treeOutlets(), mesh.checker)
    this.#reader = this.#newReader()
    this.#links = new Links(this, [1, 300, 1e6][world.random(3)]!)
    this.zab = new Zab(
      {
        serverId: id,
        membership,
        commitLogCount: options.commitLogCount,
        committedBytesMax: 2000,
        ...{ tickTimeMs: 100, initLimit: 10, syncLimit: 5, reconfigEnabled: false },
        // Without, it speaks as Java does: an acknowledgement and a commit for each proposal.
        heartbeatMs: world.random(3) === 0 ? 0 : 25,
        ...{ silenceMs: 150, agreedSilenceMs: 100, fsyncWarningThresholdMs: 1000 },
        readOnlyAfterMs: Number.POSITIVE_INFINITY,
        roomBytes: this.#links.roomBytes,
      },
      world.clock,
      {
        links: options.plant.links?.({ ...this.#links.all }, this) ?? this.#links.all,
        log: options.plant.log?.(this.#log(), this) ?? this.#log(),
        tree: options.plant.tree?.(this.tree, this) ?? this.tree,
        election: this.#electionMessages(),
        sessions: { touched: () => undefined, learnerLost: () => undefined },
        inTouch: () => undefined,
        journal: {
          log: (_, event, fields) => this.note(() => `${event} ${JSON.stringify(fields)}`),
        },
      },
      GAUGES,
    )
    this.election = new Election(
      {
        ...{ serverId: id, membership, ...ELECTION_TIMES },
      },
      world.clock,
      {
        links: {
          configured: () => undefined,
          send: (to, bytes, start, end) => mesh.net.sendVote(id, to, bytes.slice(start, end)),
          dial: () => mesh.net.dial(id),
          pulse: (to, bytes) => mesh.net.sendVote(id, to, bytes),
        },
        zab: {
          pulse: (...of) => this.#cross(this.#fromElection, () => this.zab.pulse(...of)),
          doubted: (id) => this.#cross(this.#fromElection, () => this.zab.doubted(id)),
          elected: (leader) => this.#cross(this.#fromElection, () => this.zab.elected(leader)),
          ...{ heardOf: () => undefined, rumour: () => undefined },
        },
        journal: { log: () => undefined },
      },
    )
  }

  #electionMessages(): ElectionZabMessages {
    const cross = (run: () => void): void => this.#cross(this.#toElection, run)
    return {
      configured: (...text) => cross(() => this.election.configured(...text)),
      proposed: (...text) => cross(() => this.election.proposed(...text)),
      startPulses: (...peer) => cross(() => this.election.startPulses(...peer)),
      stopPulses: (peer) => cross(() => this.election.stopPulses(peer)),
      rest: () => cross(() => this.election.rest()),
      look: (...own) => cross(() => this.election.look(...own)),
      established: (epoch) => this.#established(epoch),
    }
  }

  #newReader(): Reader {
    const answer = (run: () => void): void => this.#cross(this.#fromLog, run)
    return new Reader(this.mesh.world, this.disk, this.tree, answer, () => this.zab)
  }

  start(): void {
    const { disk, zab, mesh } = this
    disk.onDurable = (savedCurrent) => mesh.checker.durable(disk, savedCurrent)
    disk.open(this.answers)
    this.note(() => `boots with ${disk.accepted}/${disk.current}, ${formatZxid(disk.last)}`)
    zab.epochs(disk.accepted, disk.current)
    this.mesh.options.plant.booted?.(this)
    mesh.net.join(this)
    this.reload()
  }

  #diskAnswers(): DiskAnswers {
    const answer = (run: () => void): void => this.#cross(this.#fromLog, run)
    return {
      synced: (zxid) => answer(() => this.zab.synced(zxid)),
      epochSaved: (which) => answer(() => this.zab.epochSaved(which)),
      truncated: (last) => answer(() => this.zab.truncated(last)),
      installed: () => answer(() => this.zab.installed()),
      reloaded: () => this.reload(),
      fenced: () => {
        answer(() => this.zab.fenced())
        this.#cross(this.#fromTree, () => this.zab.fenced())
      },
    }
  }

  reload(): void {
    const last = this.disk.last
    const { entries, zxid } = this.keep ?? { entries: this.disk.entries(), zxid: last }
    this.keep = null
    this.tree.load(entries, zxid)
    if (this.mesh.world.random(2) === 0) this.#recall()
    this.answerLoaded(last)
  }

  #recall(): void {
    const entries = this.disk.entries()
    for (let i = Math.max(1, entries.length - 20); i < entries.length; i++) {
      const { zxid, bytes } = entries[i]!
      const previous = entries[i - 1]!.zxid
      this.#cross(this.#fromLog, () => this.zab.recalled(previous, zxid, bytes, 0, bytes.length))
    }
  }

  answerLoaded(zxid: Zxid): void {
    this.#cross(this.#fromLog, () => this.zab.loaded(zxid))
  }

  note(text: () => string): void {
    this.mesh.world.note(() => `${this.id} ${text()}`)
  }

  pause(ms: number): void {
    this.note(() => `pauses for ${ms} ms`)
    this.pausedUntilMs = this.mesh.world.clock.nowMs + ms
  }

  notified(from: ServerId, bytes: Uint8Array): void {
    this.#enter(() => this.election.notified(from, bytes, 0, bytes.length))
  }

  electionLink(peer: ServerId, up: boolean): void {
    this.#enter(() => (up ? this.election.linkUp(peer) : this.election.linkDown(peer)))
  }

  opened(link: Link): void {
    this.#enter(() => this.zab.linkOpened(link))
  }

  closed(link: Link): void {
    this.note(() => `link ${link} closed`)
    this.#enter(() => this.zab.linkClosed(link))
  }

  hasTaken(end: End): void {
    if (this.#links.hasRoomAgain(end)) this.#enter(() => this.zab.linkReady(end.link))
  }

  arrived(link: Link, item: Item): void {
    this.#enter(() => {
      if (item === 'snapshot-end') this.zab.snapshotEnd(link)
      else if (item instanceof Uint8Array) this.zab.snapshotPiece(link, item, 0, item.length)
      else this.zab.packet(link, item)
    })
  }

  /** Every entrance: afterwards the actors may want a tick at another time. */
  #enter(run: () => void): void {
    if (!this.alive) return
    run()
    this.zab.endTurn()
    this.#arm()
  }

  #cross(wire: Wire, run: () => void): void {
    wire.send(() => this.#enter(run))
  }

  #arm(): void {
    const { world } = this.mesh
    const nextMs = Math.min(this.zab.nextTickMs(), this.election.nextTickMs())
    if (nextMs >= this.#tickAtMs || nextMs === Number.POSITIVE_INFINITY) return
    this.#tickAtMs = nextMs
    world.after(Math.max(nextMs - world.clock.nowMs, 0), () => this.#tick(nextMs))
  }

  #tick(atMs: number): void {
    const { world } = this.mesh
    if (!this.alive || this.#tickAtMs !== atMs) return
    if (this.pausedUntilMs > world.clock.nowMs) {
      world.after(this.pausedUntilMs - world.clock.nowMs, () => this.#tick(atMs))
      return
    }
    this.#tickAtMs = Number.POSITIVE_INFINITY
    if (this.zab.nextTickMs() <= world.clock.nowMs) this.zab.tick()
    if (this.election.nextTickMs() <= world.clock.nowMs) this.election.tick()
    this.#arm()
  }

  #established(epoch: number): void {
    if (this.zab.role === 'leading') this.mesh.checker.established(this.id, epoch, this.disk)
    this.#cross(this.#toElection, () => this.election.established(epoch))
  }

  #treeOutlets() {
    return {
      id: this.id,
      propose: ({ zxid, bytes }: { zxid: Zxid; bytes: Uint8Array }) =>
        this.#cross(this.#fromTree, () => this.zab.propose(zxid, bytes, 0, bytes.length)),
    }
  }

  #log(): ZabLog {
    const { disk, mesh } = this
    return {
      append: (zxid, bytes, start, end) => {
        const entry = { zxid, bytes: bytes.slice(start, end) }
        if (this.zab.role === 'leading') mesh.checker.proposed(entry)
        mesh.checker.logged(entry)
        disk.ask({ kind: 'append', entry })
      },
      saveConfig: () => undefined,
      saveEpoch: (which, epoch) => {
        const leads = this.zab.role === 'leading'
        this.note(() => `saves ${which} epoch ${epoch}`)
        if (leads && which === 'current') {
          mesh.checker.closed(epoch, this.zab.history.last, disk)
        }
        if (which === 'accepted') this.acceptedEpoch = epoch
        disk.ask({ kind: 'epoch', which, epoch })
      },
      truncate: (zxid) => disk.ask({ kind: 'truncate', zxid }),
      install: (zxid) => disk.ask({ kind: 'install', zxid, entries: [...this.tree.entries] }),
      reload: () => disk.ask({ kind: 'reload' }),
      whole: () => undefined,
      fence: () => disk.ask({ kind: 'fence' }),
      beginRead: (...read) => disk.ask({ kind: 'read', run: () => this.#reader.begin(...read) }),
      readOn: (link) => disk.ask({ kind: 'read', run: () => this.#reader.on(link) }),
      endRead: (link) => disk.ask({ kind: 'read', run: () => this.#reader.end(link) }),
    }
  }
}
