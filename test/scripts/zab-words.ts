// The words of scripts about zab's roles: packets as text, and a role's effects.

import { leaderInfoBytes, learnerInfoBytes } from '../../protocol/quorum/learner-info.ts'
import { type Packet, PacketType, WHEN_LOGGED } from '../../protocol/quorum/packet.ts'
import { readStanding, standingBytes } from '../../protocol/quorum/standing.ts'
import { ZXID_NONE, type Zxid } from '../../protocol/zxid.ts'
import {
  int,
  packet,
  type Recorder,
  short,
  transaction,
  z,
} from '../actors/zab/ensemble-recorder.ts'
import type { Command } from '../support/script.ts'

const TYPES: ReadonlyMap<string, PacketType> = new Map(
  Object.entries(PacketType).map(([name, type]) => [name.toUpperCase(), type]),
)

/** Of a client, on its way to the leader: what it asks does not matter here. */
const REQUEST_BYTES = 20

/** `4.7`, or `-` for none. */
export function zxidOfWord(word: string | undefined): Zxid {
  return word === undefined || word === '-' ? ZXID_NONE : z(word)
}

/** `4.5-4.8,5.1`: those from 4.5 to 4.8, and 5.1. */
export function zxidsOfWord(word: string): Zxid[] {
  return word.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-') as [string, string?]
    const zxids: Zxid[] = []
    for (let zxid = z(from); zxid <= z(to!); zxid = (zxid + 1) as Zxid) zxids.push(zxid)
    return zxids
  })
}

export function numberOf({ options, text }: Command, key: string, otherwise?: number): number {
  const value = options.get(key)
  if (value !== undefined) return Number(value)
  if (otherwise === undefined) throw new Error(`'${text}' says no ${key}`)
  return otherwise
}

/** `FOLLOWERINFO 4.0 id=2 beats=50` and so on, from the word at `at` on. */
export function packetOf(command: Command, at: number): Packet {
  const { words, options, text } = command
  const type = TYPES.get(words[at] ?? '')
  if (type === undefined) throw new Error(`'${text}' names no packet`)
  const zxid = zxidOfWord(words[at + 1])
  return packet(type, zxid, dataOf(type, zxid, command, options))
}

function dataOf(
  type: PacketType,
  zxid: Zxid,
  command: Command,
  options: Command['options'],
): Uint8Array | null {
  switch (type) {
    case PacketType.followerInfo:
    case PacketType.observerInfo:
      return learnerInfoBytes(numberOf(command, 'id'), 0n, numberOf(command, 'beats', 0))
    case PacketType.leaderInfo:
      return leaderInfoBytes(numberOf(command, 'beats', 0))
    case PacketType.request:
      return new Uint8Array(REQUEST_BYTES)
    case PacketType.ackEpoch:
      return int(numberOf(command, 'current'))
    case PacketType.proposal:
    case PacketType.inform:
      return transaction(zxid)
    case PacketType.commit:
      return command.words.includes('when-logged') ? WHEN_LOGGED : null
    case PacketType.ping:
      return options.has('answers') ? standingOf(command) : pingData(options)
    default:
      return null
  }
}

function standingOf(command: Command): Uint8Array {
  const age = command.options.get('age')
  return standingBytes(numberOf(command, 'answers'), age === undefined ? null : Number(age))
}

/** An answer: how many sessions were heard. */
function pingData(options: Command['options']): Uint8Array | null {
  const sessions = options.get('sessions')
  return sessions === undefined ? null : new Uint8Array(12 * Number(sessions)).fill(1)
}

/** What a role has said since the last call. A leader's PINGs say how a quorum stands. */
export function effectsOf(recorder: Recorder, leads: boolean): string[] {
  const pings = recorder.pings.splice(0)
  const lines = recorder.taken().map((line) => {
    if (!/^\d+: PING/.test(line)) return line
    const data = pings.shift() ?? null
    return leads ? `${line}${standingText(data)}` : `${line}, ${(data?.length ?? 0) / 12} sessions`
  })
  return [...lines, ...recorder.toSessions.splice(0).map((line) => `to sessions, ${line}`)]
}

function standingText(data: Uint8Array | null): string {
  if (data === null) return ''
  const { answers, ageMs } = readStanding(data)
  return `, ${answers} answers, a quorum ${ageMs === -1 ? 'never' : `${ageMs} ms ago`}`
}

/** When a quorum was known to stand behind the leader. */
export function touchText({ inTouchMs }: Recorder): string {
  if (inTouchMs === Number.POSITIVE_INFINITY) return 'needs nobody'
  return inTouchMs === Number.NEGATIVE_INFINITY ? 'not in touch yet' : `in touch at ${inTouchMs} ms`
}

export { short }
