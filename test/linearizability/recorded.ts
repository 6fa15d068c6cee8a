// The recorded histories in histories/, read as operations and as what they are operations on.

import { readFileSync } from 'node:fs'
import type { Model, Operation } from './search.ts'

const FOLDER = new URL('../../../test/linearizability/histories/', import.meta.url)

export interface RegisterAction {
  readonly asked: 'read' | 'write' | 'cas'
  /** Null is nil. */
  readonly argument: number | null
  /** Of a cas, what it puts in place of the argument. */
  readonly replacement: number | null
  /** Of a read. */
  readonly answer: number | null
  /** Of a cas; null when nobody knows. */
  readonly done: boolean | null
}

/** A compare-and-set register. */
export const REGISTER: Model<number | null, RegisterAction> = {
  initial: null,
  nameOf: String,
  step: (state, { asked, argument, replacement, answer, done }) => {
    if (asked === 'read') return answer === state ? state : undefined
    if (asked === 'write') return argument
    const fits = state === argument
    if (done !== null && done !== fits) return undefined
    return fits ? replacement : state
  },
}

export interface StoreAction {
  readonly asked: 'get' | 'put' | 'append'
  /** Of a get what it got, otherwise what was put or appended. */
  readonly value: string
}

/** One key of a key-value store. */
export const STORE: Model<string, StoreAction> = {
  initial: '',
  nameOf: (state) => state,
  step: (state, { asked, value }) => {
    if (asked === 'get') return state === value ? state : undefined
    return asked === 'put' ? value : state + value
  },
}

/** The names, and whether each is linearizable. */
export function recordedVerdicts(): ReadonlyMap<string, boolean> {
  const lines = textOf('expected.tsv').trimEnd().split('\n')
  return new Map(lines.map((line) => [line.split('\t')[0]!, line.split('\t')[1] === 'true']))
}

export function registerHistory(name: string): Operation<RegisterAction>[] {
  const operations: Operation<RegisterAction>[] = []
  const open = new Map<string, { start: number; asked: string; value: string }>()
  textOf(name)
    .split('\n')
    .forEach((line, time) => {
      const match = /jepsen\.util - (\d+)\t:(\w+)\t:(\w+)\t(.*)$/.exec(line)
      if (match === null) return
      const [, process = '', event, asked = '', value = ''] = match
      if (event === 'invoke') {
        open.set(process, { start: time, asked, value })
        return
      }
      const call = open.get(process)!
      open.delete(process)
      const known = event !== 'info' && value !== ':timed-out'
      if (!known && asked === 'read') return
      const end = known ? time : Number.POSITIVE_INFINITY
      const answer = known ? value : ''
      const done = known ? event === 'ok' : null
      operations.push({ action: registerAction(call, answer, done), start: call.start, end })
    })
  return operations
}

function registerAction(
  { asked, value }: { asked: string; value: string },
  answer: string,
  done: boolean | null,
): RegisterAction {
  const numbers = value.match(/\d+/g)?.map(Number) ?? []
  return {
    asked: asked as RegisterAction['asked'],
    argument: numbers[0] ?? null,
    replacement: numbers[1] ?? null,
    answer: /^\d+$/.test(answer) ? Number(answer) : null,
    done,
  }
}

/** By key. */
export function storeHistory(name: string): ReadonlyMap<string, Operation<StoreAction>[]> {
  const byKey = new Map<string, Operation<StoreAction>[]>()
  const starts = new Map<string, number>()
  textOf(name)
    .split('\n')
    .forEach((line, time) => {
      const match =
        /:process (\d+), :type :(\w+), :f :(\w+), :key "(.*)", :value (?:nil|"(.*)")}/.exec(line)
      if (match === null) return
      const [, process = '', event, asked, key = '', value = ''] = match
      if (event === 'invoke') {
        starts.set(process, time)
        return
      }
      const action = { asked: asked as StoreAction['asked'], value }
      const operations = byKey.get(key) ?? []
      operations.push({ action, start: starts.get(process)!, end: time })
      byKey.set(key, operations)
    })
  return byKey
}

function textOf(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8')
}
