// What an operator asks of a leader: what it can say of its observers (LearnerHandler.getLearnerHandlerInfo), and to
// let another server lead. An answer is one part: the links accept a bounded number of learners
// (runtime/peer/learner-links.ts).

import { encodeControl } from '../../../protocol/control.ts'
import { type HandedOver, type ObserverList, Query } from '../../../protocol/messages/queries.ts'
import type { ZabLinks, ZabTree } from '../neighbours.ts'
import type { Handover } from './handover.ts'
import type { Learner } from './learner.ts'

type Links = Pick<ZabLinks, 'report' | 'recount'>

interface Neighbours {
  readonly links: Links
  readonly tree: Pick<ZabTree, 'answer'>
}

interface Asked {
  readonly learners: ReadonlyMap<unknown, Learner>
  readonly handover: Pick<Handover, 'request'>
}

/** `leader`: null if this server does not lead. */
export function answerOperator(
  queryId: number,
  kind: number,
  leader: Asked | null,
  { links, tree }: Neighbours,
  nowMs: number,
): void {
  const bytes = encodeControl(answerTo(kind, leader, links, nowMs))
  tree.answer(queryId, false, bytes, 0, bytes.length)
}

function answerTo(
  kind: number,
  leader: Asked | null,
  links: Links,
  nowMs: number,
): ObserverList | HandedOver {
  if (kind === Query.handOver) {
    return [leader === null ? 'this server does not lead' : leader.handover.request()]
  }
  const learners = [...(leader?.learners.values() ?? [])]
  const observers = learners.filter(({ observer, current }) => observer && current)
  if (kind === Query.resetObservers) for (const one of observers) reset(one, links)
  return observers.flatMap((one) => rowOf(one, links, nowMs))
}

function reset(learner: Learner, links: Links): void {
  learner.received = 0
  learner.requests = 0
  links.recount(learner.link)
}

function rowOf(learner: Learner, links: Links, nowMs: number): ObserverList {
  const report = links.report(learner.link)
  if (report === null) return []
  const { serverId, received, requests } = learner
  const { address, sent, lastZxid, waiting, waitingBytes } = report
  const connectedMs = learner.connectedMs(nowMs)
  return [
    [serverId, connectedMs, received, requests, address, sent, lastZxid, waiting, waitingBytes],
  ]
}
