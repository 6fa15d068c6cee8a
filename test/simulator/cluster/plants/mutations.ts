// Members broken on purpose, each in one way, as ZooKeeper once was or might have been: the checkers
// must notice. Numbers are ZooKeeper's issues. What is planted between members is in
// packet-mutations.ts, on the disk in disk-mutations.ts.

import { Membership } from '../../../../actors/membership.ts'
import { type Expiring, ExpiryQueue } from '../../../../actors/sessions/expiry-queue.ts'
import { LearnerReports } from '../../../../actors/sessions/learner-reports.ts'
import { Sessions } from '../../../../actors/sessions/sessions.ts'
import { Handshakes } from '../../../../actors/tree/clients/handshakes.ts'
import { InFlight } from '../../../../actors/tree/writes/in-flight.ts'
import { Preparation } from '../../../../actors/tree/writes/preparation.ts'
import { Proposals } from '../../../../actors/tree/writes/proposals.ts'
import { Touch } from '../../../../actors/zab/follower/touch.ts'
import { History } from '../../../../actors/zab/history.ts'
import { EpochCredit } from '../../../../actors/zab/leader/epoch-credit.ts'
import { SyncRounds } from '../../../../actors/zab/leader/sync-rounds.ts'
import { Zab } from '../../../../actors/zab/zab.ts'
import type { TreeClientMessages } from '../../../../protocol/messages/tree.ts'
import type { Link } from '../../../../protocol/messages/zab.ts'
import { OpCode } from '../../../../protocol/op-code.ts'
import { ZXID_ZERO, type Zxid } from '../../../../protocol/zxid.ts'
import { LastHeardTable } from '../../../../runtime/shared/last-heard.ts'
import { encodeOperation } from '../../model/operation.ts'
import { patched, patchedGetter } from '../../plants/patch.ts'
import type { ClusterTampering } from '../member.ts'
import { type ClusterOptions, NO_FAULTS, READERS_EVERY } from '../options.ts'

export interface ClusterMutation {
  readonly name: string
  /** Who must notice, as the failure's text says it. */
  readonly caughtAs: RegExp
  /** Where to begin: a few seeds before one that is known to notice. 0 unless given. */
  readonly from?: number
  /** How far apart the seeds are that it takes; 1 unless given. */
  readonly every?: number
  /** In place of what the seed draws. */
  readonly options?: Partial<ClusterOptions>
  readonly tampering?: Partial<ClusterTampering>
  /** Patches what tampering cannot reach; returns how to put it back. */
  patch?(): () => void
}

/** Nothing happens but that actors stand still, for longer than a session may; and clients are idle,
 * so that a server can answer all they ask by itself. */
const STANDSTILLS: Partial<ClusterOptions> = {
  faults: { ...NO_FAULTS, stall: 1 },
  rhythm: {
    stormMs: 90_000,
    paceMs: 3000,
    faultMs: [12_000],
    restartMs: 1000,
    burst: 3,
    pauseMs: 20_000,
  },
}

/** A leader is cut off from its quorum again and again, with some that follow it. */
export const DEPOSED_UNHEARD: Partial<ClusterOptions> = {
  faults: { ...NO_FAULTS, kill: 1, halves: 6, ring: 1, oneWay: 3, heal: 6 },
}

/** What a member says may be on its way for most of a session's timeout; and clients are idle. */
const LATE_WORDS: Partial<ClusterOptions> = {
  sessionTimeoutMs: 800,
  delayMsMax: 80,
  slowLinks: new Map([1, 2, 3, 4, 5].map((id) => [id, 3])),
  faults: { ...NO_FAULTS, kill: 1, slowDisk: 1, stall: 1, oneWay: 1, heal: 2 },
  rhythm: {
    stormMs: 90_000,
    paceMs: 3000,
    faultMs: [400, 2500],
    restartMs: 1000,
    burst: 5,
    pauseMs: 8000,
  },
}

export const ACTOR_MUTATIONS: readonly ClusterMutation[] = [
  {
    name: 'a server that a session has left may go on writing for it',
    caughtAs: /of a connection the session has left/,
    from: 10,
    patch: () =>
      patched(Proposals.prototype, 'request', (original) => {
        return function (this: Proposals, principal, link, ...request) {
          if (principal.session !== undefined) principal.session.owner = link
          original.call(this, principal, link, ...request)
        }
      }),
  },
  {
    name: 'an ephemeral outlives its session',
    caughtAs: /what a closing session deletes/,
    patch: () =>
      patched(Preparation.prototype, 'deleteOwned', (original) => {
        let closing = 0
        return function (this: Preparation, path, by) {
          const isFirst = closing !== by.zxid
          closing = by.zxid
          return !isFirst && original.call(this, path, by)
        }
      }),
  },
  {
    name: 'a new leader gives the sessions it finds no time',
    caughtAs: /expired .* ms after it was heard/,
    patch: hastyLeader,
  },
  {
    name: '1367: a new leader does not wait for the clients of the sessions it finds',
    caughtAs: /outlives its timeout/,
    patch: () => atServing(() => patched(ExpiryQueue.prototype, 'update', () => () => undefined)),
  },
  {
    name: 'a learner does not say which sessions it has heard',
    caughtAs: /has expired, and its client pinged|outlives its timeout/,
    patch: () => patched(Zab.prototype, 'touched', () => () => undefined),
  },
  {
    name: 'a leader expires sessions of a learner whose word is overdue',
    caughtAs: /whose client was answered just now/,
    from: 12,
    // With a leader of ours a learner also waits for its own word to have come (touch.ts).
    patch: () =>
      both(
        patched(LearnerReports.prototype, 'mayBeHeard', () => () => false),
        takingAnyPing(),
      ),
  },
  {
    name: 'what a learner tells counts as of when it comes, however long it was on its way',
    caughtAs: /whose client was answered just now/,
    options: LATE_WORDS,
    // With a leader of ours a learner also waits for its own word to have come (touch.ts).
    patch: () =>
      both(
        patched(Sessions.prototype, 'touched', (original) => {
          return function (this: Sessions, link, _ageMs, ...touches) {
            original.call(this, link, 0, ...touches)
          }
        }),
        takingAnyPing(),
      ),
  },
  {
    name: 'a server that is out of touch with its leader goes on answering',
    caughtAs: /whose client was answered just now/,
    options: STANDSTILLS,
    patch: readingOutOfTouch,
  },
  {
    name: 'a PING is taken for a sign that a quorum stands behind the leader that sent it',
    caughtAs: /whose client was answered just now/,
    from: 556,
    options: DEPOSED_UNHEARD,
    patch: takingAnyPing,
  },
  {
    name: '1675: a sync is answered without asking whether we still lead',
    caughtAs: /answered at .*, .* was known/,
    from: 14 * READERS_EVERY - 1,
    every: READERS_EVERY,
    patch: () => both(hastySyncs(), readingOutOfTouch()),
  },
  {
    name: '2845: what was proposed when leadership ended is applied by the next',
    caughtAs: /digest|out of order|which never was|Expected values/,
    from: 70,
    patch: () => patched(InFlight.prototype, 'clear', () => () => undefined),
  },
  {
    name: 'a client that has seen more is let in by one that is behind',
    caughtAs: /answered at .*, .* was known|after 0x|events up to|refused by s\d, and it is alive/,
    from: 80,
    patch: () =>
      both(
        patched(Handshakes.prototype, 'attach', (original) => {
          return function (this: Handshakes, slot, id, timeoutMs) {
            original.call(this, slot, id, timeoutMs, ZXID_ZERO)
          }
        }),
        readingOutOfTouch(),
      ),
  },
  {
    name: '1154: what only a learner has logged is kept when it is brought up to date',
    caughtAs: /where .* was committed|elsewhere|two transactions|digest|does not follow|never so/,
    patch: () =>
      patched(History.prototype, 'reaches', () => {
        return function (this: History, zxid) {
          return this.floor(zxid) !== null
        }
      }),
  },
  {
    name: 'one server is a quorum',
    caughtAs:
      /epoch \d+ of s\d was s\d's|where .* was committed|elsewhere|two transactions|never so/,
    patch: () =>
      patched(Membership.prototype, 'isQuorum', () => {
        return (servers: Iterable<number>) => [...servers].length > 0
      }),
  },
  {
    name: 'whoever claims to have accepted an epoch is believed',
    caughtAs: /believed too much|epoch out of range|never so/,
    from: 100,
    patch: gullible,
  },
  {
    name: 'watches are lost with the connection',
    caughtAs: /events up to/,
    tampering: { network: forgettingWatches },
  },
]

/** A learner of ours speaks with its leader as with one of ZooKeeper's. */
function takingAnyPing(): () => void {
  return both(
    patched(Touch.prototype, 'pinged', () => () => undefined),
    patched(Touch.prototype, 'answered', (original) => {
      return function (this: Touch, _data, toldAll) {
        original.call(this, null, toldAll)
      }
    }),
  )
}

function both(undo: () => void, undoOther: () => void): () => void {
  return () => {
    undo()
    undoOther()
  }
}

/** A server that is out of touch shows the past only while it reads from clients. */
function readingOutOfTouch(): () => void {
  return patched(LastHeardTable.prototype, 'inTouchMs', () => () => Number.POSITIVE_INFINITY)
}

/** Deadlines come sooner while `applies`, by this share of the timeout. */
function hastened(applies: () => boolean, share: number): () => void {
  return patched(ExpiryQueue.prototype, 'update', (original) => {
    return function (this: ExpiryQueue<Expiring>, item, deadlineMs) {
      const { timeoutMs } = item as unknown as { timeoutMs: number }
      const sooner = applies() ? deadlineMs - timeoutMs * share : deadlineMs
      original.call(this, item, Math.max(0, sooner))
    }
  })
}

function hastyLeader(): () => void {
  return atServing(() => hastened(() => true, 1))
}

/** Patched while a leader or learner takes up the sessions that there are. */
function atServing(patch: () => () => void): () => void {
  return patched(Sessions.prototype, 'serving', (original) => {
    return function (this: Sessions, zxid, leads) {
      const undo = patch()
      original.call(this, zxid, leads)
      undo()
    }
  })
}

/** A sync waits for what was proposed before it, and for nobody's confirmation. */
function hastySyncs(): () => void {
  const waiting: WeakMap<SyncRounds, { link: Link; upTo: Zxid }[]> = new WeakMap()
  const of = (rounds: SyncRounds): { link: Link; upTo: Zxid }[] => waiting.get(rounds) ?? []
  const undo = [
    patched(SyncRounds.prototype, 'ask', () => {
      return function (this: SyncRounds, link, upTo) {
        waiting.set(this, [...of(this), { link, upTo }])
      }
    }),
    patched(SyncRounds.prototype, 'take', () => {
      return function (this: SyncRounds, committed) {
        const done = of(this).filter(({ upTo }) => upTo <= committed)
        waiting.set(this, of(this).slice(done.length))
        return done
      }
    }),
    patchedGetter(SyncRounds.prototype, 'wanted', (rounds) => of(rounds).length > 0),
    patchedGetter(SyncRounds.prototype, 'count', (rounds) => of(rounds).length),
  ]
  return () => {
    for (const each of undo) each()
  }
}

function gullible(): () => void {
  const believed: WeakMap<EpochCredit, number> = new WeakMap()
  const undo = [
    patched(EpochCredit.prototype, 'believes', () => {
      return function (this: EpochCredit, epoch) {
        believed.set(this, Math.max(epoch, believed.get(this) ?? 0))
        return true
      }
    }),
    patched(EpochCredit.prototype, 'next', () => {
      return function (this: EpochCredit, accepted) {
        return Math.max(accepted, believed.get(this) ?? 0) + 1
      }
    }),
  ]
  return () => {
    for (const each of undo) each()
  }
}

const NO_WATCHES = encodeOperation({
  type: OpCode.setWatches2,
  request: {
    relativeZxid: ZXID_ZERO,
    dataWatches: [],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
  },
})

function forgettingWatches({ toTree }: { readonly toTree: TreeClientMessages }): void {
  const request = toTree.request.bind(toTree)
  toTree.request = (slot, xid, opCode, bytes, start, end) => {
    if (opCode === OpCode.setWatches2) request(slot, xid, opCode, NO_WATCHES, 0, NO_WATCHES.length)
    else request(slot, xid, opCode, bytes, start, end)
  }
}
