// The published bugs, planted on purpose: each wraps what the hosts give to a server's actors, so
// that the server behaves as ZooKeeper did. The checkers must find every one.
//
// ZOOKEEPER-4394 (a commit right after NEWLEADER's acknowledgement finds no proposal) sits inside
// the follower and cannot be planted from here: the unplanted runs go through it.

import type { EpochFile, ZabLinks, ZabLog, ZabTree } from '../../../../actors/zab/neighbours.ts'
import { PacketType } from '../../../../protocol/quorum/packet.ts'
import { counterOf, epochOf, type Zxid } from '../../../../protocol/zxid.ts'
import type { Node } from './ensemble-mesh.ts'

/** A bug on purpose: wraps what a server's actors are given. */
export interface Plant {
  log?(log: ZabLog, node: Node): ZabLog
  tree?(tree: ZabTree, node: Node): ZabTree
  links?(links: ZabLinks, node: Node): ZabLinks
  booted?(node: Node): void
}

interface Planted extends Plant {
  /** What is said of it. */
  readonly finds: RegExp
}

export const PLANTS: Readonly<Record<string, Planted>> = {
  '4643: currentEpoch on disk before the history it closes': {
    finds: /epoch \d+ on disk before its history/,
    log: (log, node) => ({
      ...log,
      saveEpoch: (which, epoch) => {
        log.saveEpoch(which, epoch)
        if (which === 'current' && node.zab.role === 'following' && node.disk.accepted >= epoch) {
          node.disk.saveEpoch(which, epoch)
          node.disk.onDurable(true)
        }
      },
    }),
  },

  '4646: NEWLEADER acknowledged while the history is still being written': {
    // The log's own answer, which comes later, is one too many.
    finds: /NEWLEADER of \d+ acknowledged before it is on disk|an epoch was saved unasked/,
    log: (log, node) => ({
      ...log,
      saveEpoch: (which, epoch) => {
        log.saveEpoch(which, epoch)
        if (which === 'current' && node.zab.role === 'following') node.answers.epochSaved(which)
      },
    }),
  },

  'a leader counts its own promise before it is on disk': {
    finds: /epoch \d+ promised before it is on disk/,
    log: (log, node) => ownPromiseEarly(log, node, 'accepted'),
  },

  'a leader counts its own history before its epoch is on disk': {
    finds: /leads epoch \d+ before it is on disk/,
    log: (log, node) => ownPromiseEarly(log, node, 'current'),
  },

  'a proposal acknowledged before it is synced': {
    finds: /acknowledged before it is on disk/,
    log: (log, node) => ({
      ...log,
      append: (zxid, bytes, start, end) => {
        log.append(zxid, bytes, start, end)
        node.answers.synced(zxid)
      },
    }),
  },

  '4685: proposals acknowledged before NEWLEADER': {
    finds: /acknowledged before NEWLEADER/,
    links: overtakingAcks,
  },

  '3911: what a DIFF brings stays in memory until the learner serves': {
    finds: /on disk before its history/,
    ...lazyLog(),
  },

  '3642, 2872: what an interrupted SNAP left in memory is kept': {
    finds: /a hole in the|applied where|has lost|on disk before its history/,
    log: (log, node) => ({
      ...log,
      reload: () => {
        if (node.zab.role === 'loading') node.answerLoaded(node.tree.zxid)
        else log.reload()
      },
    }),
  },

  '2355, 5094: the tree is not rebuilt after TRUNC': {
    finds: /applied where|applied, not committed|a hole in the tree|follows at another/,
    log: (log, node) => ({
      ...log,
      reload: () => {
        const kept = { entries: node.tree.entries, zxid: node.tree.zxid }
        log.reload()
        if (node.zab.role === 'following') node.keep = kept
      },
    }),
  },

  '4925: a hole in what a leader keeps for learners': {
    finds: /on disk before its history|a hole|no leader/,
    links: links4925,
  },

  '3104, 3589: NEWLEADER goes out before what it closes': {
    finds: /on disk before its history/,
    links: earlyNewLeader,
  },

  '1653: acceptedEpoch is lost in a crash, currentEpoch is not': {
    finds: /promised before it is on disk/,
    log: (log, node) => ({
      ...log,
      saveEpoch: (which, epoch) => {
        if (which === 'current') log.saveEpoch(which, epoch)
        else node.answers.epochSaved(which)
      },
    }),
  },

  '2845: what was prepared and never committed stays in the tree over an election': {
    finds: /a hole in the tree|applied where|applied, not committed|has lost/,
    tree: (tree, node) =>
      wrapTree(tree, {
        idle: () => {
          const { outstanding, entries } = node.tree
          entries.push(...outstanding)
          node.tree.zxid = entries.at(-1)?.zxid ?? node.tree.zxid
          tree.idle()
        },
      }),
  },

  'our own: a role begins before the log has answered the one before': {
    finds: /saved unasked|before it is on disk|our own disk went back/,
    log: (log, node) => ({ ...log, fence: () => node.answers.fenced() }),
  },
}

/** In the step in which NEWLEADER is acknowledged, other acknowledgements go first. */
function ownPromiseEarly(log: ZabLog, node: Node, early: EpochFile): ZabLog {
  return {
    ...log,
    saveEpoch: (which, epoch) => {
      log.saveEpoch(which, epoch)
      if (which === early && node.zab.role === 'leading') node.answers.epochSaved(which)
    },
  }
}

function overtakingAcks(links: ZabLinks, { mesh }: Node): ZabLinks {
  return {
    ...links,
    send: (link, type, zxid, data) => {
      const isNewLeader = type === PacketType.ack && counterOf(zxid) === 0
      if (isNewLeader) mesh.world.after(0, () => links.send(link, type, zxid, data))
      else links.send(link, type, zxid, data)
    },
  }
}

/** An entry of a DIFF is missing now and then. */
function links4925(links: ZabLinks, { mesh }: Node): ZabLinks {
  let hole = -1 as Zxid
  return {
    ...links,
    send: (link, type, zxid, data) => {
      if (type === PacketType.proposal && mesh.world.chance(10)) hole = zxid
      const isEntry = type === PacketType.proposal || type === PacketType.commit
      if (!isEntry || zxid !== hole) links.send(link, type, zxid, data)
    },
  }
}

function earlyNewLeader(links: ZabLinks): ZabLinks {
  const held: (() => void)[] = []
  return {
    ...links,
    send: (link, type, zxid, data) => {
      if (type === PacketType.newLeader) {
        links.send(link, type, zxid, data)
        for (const send of held.splice(0)) send()
      } else if (type === PacketType.proposal || type === PacketType.commit) {
        held.push(() => links.send(link, type, zxid, data))
      } else {
        links.send(link, type, zxid, data)
      }
    },
  }
}

/** The log of a learner that is being synchronized takes entries only when it serves. */
function lazyLog(): Plant {
  const held = new WeakMap<Node, (() => void)[]>()
  return {
    log: (log: ZabLog, node: Node): ZabLog => {
      const waiting: (() => void)[] = []
      held.set(node, waiting)
      return {
        ...log,
        append: (zxid, bytes, start, end) => {
          const copy = bytes.slice(start, end)
          const append = (): void => log.append(zxid, copy, 0, copy.length)
          const lazy = node.zab.role === 'following' && epochOf(zxid) <= node.acceptedEpoch
          if (lazy && node.tree.mode === 'idle') waiting.push(append)
          else append()
        },
        fence: () => {
          waiting.length = 0
          log.fence()
        },
      }
    },
    tree: (tree: ZabTree, node: Node): ZabTree =>
      wrapTree(tree, {
        follow: (zxid) => {
          for (const append of held.get(node)?.splice(0) ?? []) append()
          tree.follow(zxid)
        },
      }),
  }
}

function wrapTree(tree: ZabTree, changes: Partial<ZabTree>): ZabTree {
  return {
    apply: (zxid, bytes, start, end) => tree.apply(zxid, bytes, start, end),
    committed: (zxid) => tree.committed(zxid),
    lead: (zxid, alone) => tree.lead(zxid, alone),
    follow: (zxid) => tree.follow(zxid),
    config: (...text) => tree.config(...text),
    supporters: (...ids) => tree.supporters(...ids),
    idle: () => tree.idle(),
    readOnly: (on) => tree.readOnly(on),
    snapshotBegin: (zxid) => tree.snapshotBegin(zxid),
    snapshotPiece: (bytes, start, end) => tree.snapshotPiece(bytes, start, end),
    snapshotEnd: (zxid) => tree.snapshotEnd(zxid),
    forwarded: (...request) => tree.forwarded(...request),
    revalidation: (...session) => tree.revalidation(...session),
    revalidated: (...session) => tree.revalidated(...session),
    synchronized: () => tree.synchronized(),
    answer: (...part) => tree.answer(...part),
    ...changes,
  }
}
