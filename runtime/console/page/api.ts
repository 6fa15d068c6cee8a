// What the page asks, and whom: its own server, or another member when its own does not answer.
//
// Another member is asked without the token of who has signed in, so only reading goes on there.

import { browser, keep, kept, nowMs } from './browser.ts'
import { Signal } from './signal.ts'

export interface Member {
  readonly id: number
  readonly isOwn: boolean
  readonly role: string
  readonly host: string
  readonly origin: string | null
}

export interface Place {
  /** Empty: this page's own server. */
  readonly origin: string
  /** 0: a standalone server, or not known yet. */
  readonly id: number
}

const OWN: Place = { origin: '', id: 0 }
const ANSWER_MS_MAX = 8000
const TOKEN = 'ringkeeper-token'

/** Whom the page asks now. */
export const place: Signal<Place> = new Signal(OWN)
/** Who stopped answering, and when, so that the page went on with another; null: nobody. */
export const lost: Signal<{ readonly place: Place; readonly sinceMs: number } | null> = new Signal<{
  readonly place: Place
  readonly sinceMs: number
} | null>(null)
/** Nobody answers, since this time; null while somebody does. */
export const silent: Signal<number | null> = new Signal<number | null>(null)
export const members: Signal<readonly Member[]> = new Signal<readonly Member[]>([])
export const token: Signal<string | null> = new Signal(kept('sessionStorage', TOKEN))

token.listen(() => keep('sessionStorage', TOKEN, token.value))

/** What the server says does not work. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}

/** There was no answer. */
export class Silence extends Error {}

type Query = Readonly<Record<string, string | number>>

/** A view of the member that the page asks now. If that is gone, the page goes on with another. */
export async function get<T>(name: string, query: Query = {}): Promise<T> {
  const asked = place.value
  try {
    const answer = await getFrom<T>(asked.origin, name, query)
    silent.set(null)
    return answer
  } catch (error) {
    if (!(error instanceof Silence) || place.value !== asked) throw error
    const next = await another(asked)
    if (next === null) {
      if (silent.value === null) silent.set(nowMs())
      throw error
    }
    lost.set({ place: asked, sinceMs: nowMs() })
    silent.set(null)
    place.set(next)
    return getFrom<T>(next.origin, name, query)
  }
}

/** A view of this member. Throws a Refusal or a Silence. */
export async function getFrom<T>(origin: string, name: string, query: Query = {}): Promise<T> {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) params.set(key, String(value))
  const isOwn = origin === ''
  const headers: Record<string, string> =
    isOwn && token.value !== null ? { 'X-Console-Token': token.value } : {}
  return ask<T>(`${origin}/console/api/${name}?${params}`, { headers })
}

/** A change, always at the page's own server. */
export function post<T>(name: string, body: object): Promise<T> {
  return ask<T>(`/console/api/${name}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Console-Token': token.value ?? '' },
    body: JSON.stringify(body),
  })
}

async function ask<T>(url: string, options: RequestInit): Promise<T> {
  const { status, answer } = await answerOf(url, options)
  if (status === 200) return answer as T
  const { problem } = (answer ?? {}) as { problem?: string }
  if (status === 401 && options.method !== 'POST') token.set(null)
  throw new Refusal(status, problem ?? `The server answers with status ${status}.`)
}

async function answerOf(
  url: string,
  options: RequestInit,
): Promise<{ status: number; answer: unknown }> {
  let response: Response
  try {
    response = await fetch(url, { ...options, signal: AbortSignal.timeout(ANSWER_MS_MAX) })
  } catch {
    throw new Silence('There is no answer.')
  }
  const answer = await response.json().catch(() => null)
  return { status: response.status, answer }
}

/** A member that answers, and is not this one. */
async function another(than: Place): Promise<Place | null> {
  const others = places().filter(({ origin }) => origin !== than.origin)
  const asked = others.map(async (other) => {
    await getFrom(other.origin, 'glance')
    return other
  })
  return Promise.any(asked).catch(() => null)
}

/** Every member that can be asked. */
export function places(): Place[] {
  if (members.value.length === 0) return [OWN]
  return members.value.flatMap(({ id, isOwn, origin }) =>
    isOwn ? [{ origin: '', id }] : origin === null ? [] : [{ origin, id }],
  )
}

/** Goes on with this member because the user wants to. */
export function goTo(next: Place): void {
  lost.set(null)
  place.set(next)
}

/** Where a person can open the console of a place. */
export function consoleUrl({ origin }: Place): string {
  return `${origin === '' ? browser.location.origin : origin}/console/${browser.location.hash}`
}

export async function learnMembers(): Promise<void> {
  const { members: all } = await get<{ members: Member[] }>('members')
  if (place.value.origin === '') members.set(all)
}
