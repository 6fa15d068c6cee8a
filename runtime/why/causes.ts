// The cause of a story: from the facts of one server to the most likely reason. The patterns below
// match the reasons that zab gives when a role ends, as worded in actors/zab/follower/follower.ts,
// leader/leader.ts, leader/handover.ts, leader/tenure.ts and leader/heartbeats.ts.

import { type Fact, numberOf, textOf } from './fact.ts'
import { stagesText } from './stages.ts'
import type { Cause } from './story.ts'
import { duration, isBusy } from './words.ts'

/** What a stall caused shows up within its own length after it, but not later than this, nor sooner. */
const AFTERMATH_MS_MAX = 1000
const AFTERMATH_MS_MIN = 250
/** How many lost learners a cause looks at: the last ones. */
const LOST_MAX = 8

const LINK_GONE = /^the link to the leader (\d+) is gone/
const LEADER_SILENT = /^the leader (\d+) is silent/
const OWN_DISK = /^our own disk has synced nothing/
const NO_QUORUM = /^no quorum of followers/
const HANDED_OVER = /^another server is to lead/

/** Why a server stopped serving. `facts`: those of the outage, oldest first. `before`: those
 * shortly before it. */
export function causeOfOutage(facts: readonly Fact[], before: readonly Fact[]): Cause {
  const all = [...before, ...facts]
  const ended = facts.find(({ event }) => event === 'role-ended')
  const failed = facts.find(({ event }) => event === 'failed')
  if (failed !== undefined) return own('failed', `it could not go on: ${textOf(failed, 'problem')}`)
  const stopping = facts.find(({ event }) => event === 'stopping')
  const stall = longest(all.filter(({ event }) => event === 'stalled'))
  if (stall !== undefined && isNear(stall, troubleMs(all, ended)))
    return own('stalled', stallWords(stall))
  if (ended === undefined) {
    return stopping === undefined
      ? own('unknown', 'it lost its leader')
      : own('stopped', 'it was asked to stop')
  }
  const why = textOf(ended, 'why')
  const gone = LINK_GONE.exec(why)?.[1]
  if (gone !== undefined) return peerClosed('the leader', Number(gone))
  const silent = LEADER_SILENT.exec(why)?.[1]
  if (silent !== undefined) return peerSilent('the leader', Number(silent))
  if (OWN_DISK.test(why)) return own('disk', why.replace(/^our own/, 'its'))
  if (HANDED_OVER.test(why)) return own('stopped', 'it handed over: another server was to lead')
  if (NO_QUORUM.test(why)) return causeOfLostQuorum(all, ended)
  return own('unknown', why)
}

function causeOfLostQuorum(all: readonly Fact[], ended: Fact): Cause {
  const causes = lostLearners(all, ended).map(causeOfLostLearner)
  const words = [...new Set(causes.map((cause) => cause.words))].join('; ')
  const last = causes.at(-1)
  if (last === undefined) return own('quorum', 'too few followers were left')
  return { ...last, words: `too few followers were left: ${words}` }
}

/** Why a leader lost one learner. `fact`: `learner-gone` or `learner-dropped`. */
export function causeOfLostLearner(fact: Fact): Cause {
  const server = numberOf(fact, 'server')
  if (fact.event === 'learner-gone') return peerClosed('the follower', server)
  const why = textOf(fact, 'why')
  if (/^silent/.test(why)) return peerSilent('the follower', server)
  return { kind: 'unknown', server, words: `server ${server} was dropped: ${why}` }
}

/** Why a process had to start. `before`: the last fact of the process before it; undefined if there
 * was none. */
export function causeOfStart(before: Fact | undefined): Cause {
  if (before === undefined) return own('started', 'its first start')
  if (before.event === 'stopped' || before.event === 'stopping') {
    return own('stopped', 'it had been shut down cleanly')
  }
  if (before.event === 'failed') return own('failed', `it had failed: ${textOf(before, 'problem')}`)
  const words = 'its process had ended without a shutdown: it was killed, or the host went down'
  return own('ended-without-stop', words)
}

/** Why requests were slow: the stage that took most of the time, and how long the others took.
 * `server`: this server's id. */
export function causeOfSlowness(facts: readonly Fact[], server: number): Cause {
  const cause = slowStage(facts, server)
  if (cause.kind === 'stalled') return cause
  return { ...cause, words: cause.words + stagesText(facts, server) }
}

function slowStage(facts: readonly Fact[], server: number): Cause {
  const slowest = (event: string): Fact | undefined => {
    return longest(facts.filter((fact) => fact.event === event))
  }
  const [write, request] = [slowest('write-slow'), slowest('request-slow')]
  const [sync, quorum, stall] = ['log-sync-slow', 'quorum-slow', 'stalled'].map(slowest)
  const whole = Math.max(...[write, request, quorum, sync].map((fact) => msOf(fact)))
  if (stall !== undefined && msOf(stall) >= whole / 2) return own('stalled', stallWords(stall))
  if (sync !== undefined && msOf(sync) >= whole / 2) {
    return own('disk', `the log's disk: a sync took ${duration(msOf(sync))}`)
  }
  if (quorum !== undefined) return causeOfSlowQuorum(quorum, server)
  if (write !== undefined && msOf(write) >= whole / 2) {
    const words = 'the round trip through the ensemble: this server’s own disk was fast'
    return own('quorum', words)
  }
  return own('unknown', 'the request waited for the tree, or the client did not read its replies')
}

function causeOfSlowQuorum(quorum: Fact, server: number): Cause {
  const ms = duration(msOf(quorum))
  const lacking = textOf(quorum, 'lacking').split(' ').filter(Boolean).map(Number)
  if (lacking.includes(server)) {
    return own('disk', `the quorum took ${ms}, and the leader's own disk had not synced even then`)
  }
  const others = textOf(quorum, 'having')
    .split(' ')
    .filter((one) => Number(one) !== server)
  return {
    kind: 'quorum',
    words: `the quorum: it was complete after ${ms}, with server ${others.join(' and ')}`,
    server: others.length === 1 ? Number(others[0]) : null,
  }
}

/** Why a session ended without its client closing it. `fact`: `session-expired` or
 * `client-silent`. */
export function causeOfExpiry(fact: Fact): Cause {
  if (textOf(fact, 'at') === 'here') {
    const ms = duration(numberOf(fact, 'silentMs'))
    return own('client-silent', `the client sent nothing for ${ms}, though its connection was up`)
  }
  if (textOf(fact, 'at') === 'learner') {
    return own('client-silent', 'no server heard from the client for its timeout')
  }
  return own('client-gone', 'the client’s connection had ended, and it did not come back in time')
}

export function stallWords(stall: Fact): string {
  const ms = duration(numberOf(stall, 'ms'))
  return isBusy(stall)
    ? `its process was too busy to respond for ${ms}`
    : `its process stood still for ${ms}: it was stopped, or the system did not let it run`
}

function peerClosed(who: string, server: number): Cause {
  const words = `the connection to ${who} ${server} was closed: its process or host ended`
  return { kind: 'peer-closed', words, server }
}

function peerSilent(who: string, server: number): Cause {
  const words = `${who} ${server} was silent, though its connection was up: it hung, or the network was cut`
  return { kind: 'peer-silent', words, server }
}

function own(kind: Cause['kind'], words: string): Cause {
  return { kind, words, server: null }
}

/** When the trouble began, in ms since 1970. A leader ends its role some time after its followers
 * have gone, so a lost quorum begins with the first lost learner. Null if no role has ended. */
function troubleMs(all: readonly Fact[], ended: Fact | undefined): number | null {
  if (ended === undefined) return null
  if (!NO_QUORUM.test(textOf(ended, 'why'))) return ended.wallMs
  return lostLearners(all, ended)[0]?.wallMs ?? ended.wallMs
}

/** Whether the trouble began during the stall, or shortly after it. */
function isNear(stall: Fact, troubleMs: number | null): boolean {
  if (troubleMs === null) return true
  const fromMs = stall.wallMs - msOf(stall)
  const aftermathMs = Math.min(AFTERMATH_MS_MAX, Math.max(AFTERMATH_MS_MIN, msOf(stall)))
  return troubleMs >= fromMs && troubleMs - stall.wallMs < aftermathMs
}

function lostLearners(all: readonly Fact[], ended: Fact): Fact[] {
  const lost = all.filter(({ event, wallMs }) => {
    return /^learner-(gone|dropped)$/.test(event) && wallMs <= ended.wallMs
  })
  return lost.slice(-LOST_MAX)
}

function longest(facts: readonly Fact[]): Fact | undefined {
  return facts.toSorted((a, b) => msOf(b) - msOf(a))[0]
}

function msOf(fact: Fact | undefined): number {
  return fact === undefined ? 0 : numberOf(fact, 'ms')
}
