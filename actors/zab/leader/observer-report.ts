// What a leader can say of its observers (LearnerHandler.getLearnerHandlerInfo). It fits into one part of an
// answer: the links accept a bounded number of learners (runtime/peer/learner-links.ts).

import { encodeControl } from '../../../protocol/control.ts'
import { type ObserverList, Query } from '../../../protocol/messages/queries.ts'
import type { Answer } from '../../reports.ts'
import type { ZabLinks } from '../neighbours.ts'
import type { Learner } from './learner.ts'

type Links = Pick<ZabLinks, 'report' | 'recount'>

/** Answers a question with the observers among `learners`. */
export function answerAboutObservers(
  queryId: number,
  kind: number,
  learners: Iterable<Learner>,
  links: Links,
  nowMs: number,
  answer: Answer,
): void {
  const observers = [...learners].filter(({ observer, current }) => observer && current)
  if (kind === Query.resetObservers) for (const one of observers) reset(one, links)
  const bytes = encodeControl(observers.flatMap((one) => rowOf(one, links, nowMs)))
  answer(queryId, false, bytes, 0, bytes.length)
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
