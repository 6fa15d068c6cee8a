// The session manager's stories: sessions/*.txt.
//
//   serve leader|learner     the tree serves clients, and sessions expire here or not
//   idle                     there is no leader
//   connect SLOT TIMEOUT     a client without a session
//   renew SLOT N [forged]    a client with the N-th session
//   opened N TIMEOUT         the tree holds it
//   gone N                   the tree holds it no longer
//   hangup SLOT              the connection is gone
//   hear SLOT                the network loop stamps its table
//   deaf MS                  the network loop's last sign of life
//   awake                    it gives one all the time
//   until MS                 time passes, with a tick whenever one is due
//   asleep MS                time passes, and nobody has a turn before
//   told LINK N TIMEOUT ...  a learner says that it has heard these; the 0th: and that is all
//   lost LINK                the learner is gone

import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { SESSION_NONE, type SessionId } from '../../protocol/session-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import { Bench, type Effect } from '../actors/sessions/fixture.ts'
import type { Stage } from '../support/script.ts'

export function sessionsStage(): Stage {
  const bench = new Bench()
  const names = new Names()
  return ({ name, words }) => {
    const carryOut = COMMANDS[name]
    if (carryOut === undefined) throw new Error(`no such command: ${name}`)
    const effects = carryOut(bench, names, words) ?? bench.taken()
    return effects.map((effect) => names.say(effect))
  }
}

/** What it comes to; nothing: whatever the bench has recorded. */
type CarryOut = (bench: Bench, names: Names, words: readonly string[]) => Effect[] | undefined

const COMMANDS: Readonly<Record<string, CarryOut>> = {
  serve({ sessions }, _names, [role]) {
    sessions.serving(0 as Zxid, role === 'leader')
    return undefined
  },
  idle({ sessions }) {
    sessions.idle()
    return undefined
  },
  connect(bench, names, [slot, timeoutMs]) {
    const effects = bench.create(Number(slot), Number(timeoutMs))
    for (const [effect, , id] of effects) if (effect === 'createSession') names.add(id as SessionId)
    return effects
  },
  renew(bench, names, [slot, session, forged]) {
    const password = forged === undefined ? [] : [new Uint8Array(16)]
    return bench.renew(Number(slot), names.id(session), ...password)
  },
  opened({ sessions }, names, [session, timeoutMs]) {
    sessions.sessionOpened(names.id(session), Number(timeoutMs))
    return undefined
  },
  gone({ sessions }, names, [session]) {
    sessions.sessionClosed(names.id(session))
    return undefined
  },
  hangup({ sessions }, _names, [slot]) {
    sessions.closed(Number(slot))
    return undefined
  },
  hear(bench, _names, [slot]) {
    bench.hear(Number(slot))
    return undefined
  },
  deaf(bench, _names, [ms]) {
    bench.aliveMs = Number(ms)
    return undefined
  },
  awake(bench) {
    bench.aliveMs = null
    return undefined
  },
  until: (bench, _names, [ms]) => bench.runUntil(Number(ms)),
  asleep: (bench, _names, [ms]) => bench.stallUntil(Number(ms)),
  told({ sessions }, names, [link, ...heard]) {
    const writer = new JuteWriter()
    for (let i = 0; i < heard.length; i += 2) {
      writer.long(names.id(heard[i]))
      writer.int(Number(heard[i + 1]))
    }
    sessions.touched(Number(link), 0, writer.bytes, 0, writer.length)
    return undefined
  },
  lost({ sessions }, _names, [link]) {
    sessions.learnerLost(Number(link))
    return undefined
  },
}

/** Sessions by number, in the order of their making; the 0th is none. */
class Names {
  readonly #ids: SessionId[] = [SESSION_NONE]

  add(id: SessionId): void {
    this.#ids.push(id)
  }

  id(word: string | undefined): SessionId {
    return this.#ids[Number(word)]!
  }

  name(id: SessionId): string {
    return `session ${this.#ids.indexOf(id)}`
  }

  say([effect, ...rest]: Effect): string {
    if (effect === 'touched') return `tell the leader: ${heard(rest[0] as number[], this)}`
    // What zxid a client has seen is the tree's business.
    const count = effect === 'refuse' ? 1 : 3
    const words = rest.slice(0, count).map((value) => {
      return typeof value === 'bigint' ? this.name(value as SessionId) : value
    })
    return [effect, ...words].join(' ')
  }
}

function heard(report: readonly number[], names: Names): string {
  const reader = new JuteReader(Uint8Array.from(report))
  const said: string[] = []
  while (reader.remaining > 0) {
    const id = reader.long() as SessionId
    said.push(`${names.name(id)} for ${reader.int()} ms`)
  }
  return said.length === 0 ? 'of nobody' : said.join(', ')
}
