// A fact in words: one sentence about the server that saw it.

import { type Fact, numberOf, textOf } from './fact.ts'

type Words = (fact: Fact) => string

const SAID: Readonly<Record<string, Words>> = {
  started: (f) => `the process started${numberOf(f, 'pid') > 0 ? `, pid ${textOf(f, 'pid')}` : ''}`,
  stopping: (f) => `it was asked to stop (${textOf(f, 'signal')})`,
  stopped: () => 'it shut down cleanly',
  failed: (f) => `it could not go on: ${textOf(f, 'problem')}`,
  serving: (f) => `it serves clients as ${textOf(f, 'mode')}`,
  'not-serving': () => 'it no longer serves clients',
  stalled: (f) => `the whole process stood still for ${duration(numberOf(f, 'ms'))}, ${cpu(f)}`,
  looks: (f) =>
    `it looks for a leader and votes for ${textOf(f, 'own')} (round ${textOf(f, 'round')})`,
  elected: (f) =>
    `server ${textOf(f, 'leader')} is elected; the votes: ` + `${textOf(f, 'votes') || 'none'}`,
  'role-ended': (f) => `it gave up its role (${textOf(f, 'role')}): ${textOf(f, 'why')}`,
  'hands-over': (f) => {
    const to = textOf(f, 'to')
    return `it hands over to ${/^\d+$/.test(to) ? `server ${to}` : to}`
  },
  leading: (f) => `it leads epoch ${textOf(f, 'epoch')} from ${textOf(f, 'history')} on`,
  following: (f) => `it follows server ${textOf(f, 'leader')} in epoch ${textOf(f, 'epoch')}`,
  synchronizes: (f) =>
    `it brings server ${textOf(f, 'server')} from ${textOf(f, 'from')} to ${textOf(f, 'to')} by ` +
    textOf(f, 'by'),
  synchronized: (f) =>
    `server ${textOf(f, 'leader')} brings it to ${textOf(f, 'zxid')} by ${textOf(f, 'by')}`,
  'up-to-date': (f) =>
    `server ${textOf(f, 'server')} is up to date: ${bytes(numberOf(f, 'bytes'))} in ` +
    duration(numberOf(f, 'ms')),
  'learner-gone': (f) => `the connection from server ${textOf(f, 'server')} was closed`,
  'learner-dropped': (f) => `it dropped server ${textOf(f, 'server')}: ${textOf(f, 'why')}`,
  'votes-for-nobody': (f) => `it votes for nobody, and waits for ${textOf(f, 'waits')}`,
  'read-only': (f) => `it serves reads at ${textOf(f, 'zxid')} without a leader`,
  'log-cut': (f) => `its log was cut from ${textOf(f, 'from')} back to ${textOf(f, 'zxid')}`,
  'cut-refused': (f) => `its log could not be cut back to ${textOf(f, 'zxid')}`,
  'install-begun': (f) =>
    `it writes the tree that it was sent to its disk, at ${textOf(f, 'zxid')}`,
  installed: (f) => `the tree that it was sent is on its disk, at ${textOf(f, 'zxid')}`,
  'log-recovered': (f) =>
    `its disk held everything up to ${textOf(f, 'lastZxid')}: a snapshot, and ` +
    `${textOf(f, 'transactions')} transactions after it`,
  damaged: (f) => `its disk is damaged: ${textOf(f, 'why')}`,
  'whole-again': (f) => `it has recovered what it had lost, up to ${textOf(f, 'lastZxid')}`,
  'log-sync-slow': (f) =>
    `its disk took ${duration(numberOf(f, 'ms'))} to sync ${textOf(f, 'file')} up to ${textOf(f, 'zxid')}`,
  'write-slow': (f) =>
    `write ${textOf(f, 'zxid')} of session ${textOf(f, 'session')} was applied ` +
    `${duration(numberOf(f, 'ms'))} after it was given its zxid`,
  'quorum-slow': (f) =>
    `${textOf(f, 'zxid')} had its quorum after ${duration(numberOf(f, 'ms'))}: on the disks of ` +
    `${textOf(f, 'having')}${textOf(f, 'lacking') && `, not yet on those of ${textOf(f, 'lacking')}`}`,
  'request-slow': (f) =>
    `a ${textOf(f, 'what')} of session ${textOf(f, 'session')} from ${textOf(f, 'client')} was ` +
    `answered after ${duration(numberOf(f, 'ms'))}`,
  'disk-scarce': (f) =>
    `only ${bytes(numberOf(f, 'freeBytes'))} were free in ${textOf(f, 'folder')}: it refused writes that add data`,
  'disk-enough': (f) =>
    `${bytes(numberOf(f, 'freeBytes'))} were free in ${textOf(f, 'folder')}: it accepted writes again`,
  'session-expired': (f) => `${expired(f)}${more(f)}`,
  'client-silent': (f) =>
    `the connection of session ${textOf(f, 'session')} from ${textOf(f, 'client')} was closed here, ` +
    `after its client had sent nothing for ${duration(numberOf(f, 'silentMs'))}`,
}

/** A sentence without its full stop. An event that is not in the table is shown with its fields. */
export function wordsOf(fact: Fact): string {
  const say = SAID[fact.event]
  if (say !== undefined) return say(fact)
  const fields = Object.entries(fact.fields).map(([name, value]) => `${name} ${value}`)
  return [`${fact.actor}: ${fact.event.replaceAll('-', ' ')}`, ...fields].join(', ')
}

/** In milliseconds, seconds or minutes, whichever reads best. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.round(ms / 60_000)} min`
}

function bytes(count: number): string {
  if (count < 10_000) return `${count} bytes`
  if (count < 10_000_000) return `${Math.round(count / 1000)} kB`
  return `${Math.round(count / 1e6)} MB`
}

/** What the process did during a stall. A process that was stopped, or that the system did not run,
 * uses no CPU. */
function cpu(fact: Fact): string {
  return isBusy(fact)
    ? `and used ${duration(numberOf(fact, 'cpuMs'))} of CPU: it was busy`
    : 'and used no CPU: it was stopped, or the system did not let it run'
}

/** Whether the process was working during a stall: it used CPU for more than half of the time. */
export function isBusy(stall: Fact): boolean {
  return numberOf(stall, 'cpuMs') > numberOf(stall, 'ms') / 2
}

function expired(fact: Fact): string {
  const [session, client, at] = ['session', 'client', 'at'].map((name) => textOf(fact, name))
  const timeout = `timeout ${duration(numberOf(fact, 'timeoutMs'))}`
  const from = client === '' ? 'its client' : `its client at ${client}`
  const head = `session ${session} expired`
  if (at === 'here') {
    const silence = duration(numberOf(fact, 'silentMs'))
    return `${head}: nothing from ${from} for ${silence} (${timeout}), though its connection was up`
  }
  if (at === 'learner') {
    return `${head}: the server that ${from} was connected to heard nothing from it (${timeout})`
  }
  const closed = numberOf(fact, 'closedWallMs')
  const since = closed === 0 ? '' : ` ${duration(fact.wallMs - closed)} before`
  return `${head}: the connection of ${from} had ended${since} and it did not come back (${timeout})`
}

function more(fact: Fact): string {
  const others = numberOf(fact, 'others')
  return others > 0 ? `, and ${others} others before it` : ''
}
