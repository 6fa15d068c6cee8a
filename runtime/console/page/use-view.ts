// A view of the server, asked for when it is shown and again and again while it is.

import { get, place, Refusal, Silence, token } from './api.ts'
import { browser } from './browser.ts'
import { useSignal } from './signal.ts'
import { useEffect, useRef, useState } from './view.ts'

export interface Seen<T> {
  /** What was seen last; null before. */
  readonly value: T | null
  /** Why there is nothing newer; null if there is. */
  readonly problem: string | null
  /** Asks again now. */
  readonly again: () => void
}

/** `everyMs`: how often it is asked again while the page can be seen; 0: never. */
export function useView<T>(
  name: string,
  query: Readonly<Record<string, string | number>>,
  everyMs: number,
): Seen<T> {
  const asked = useSignal(place)
  const who = useSignal(token)
  const [seen, setSeen] = useState<{ key: string; value: T | null; problem: string | null }>({
    key: '',
    value: null,
    problem: null,
  })
  const [round, setRound] = useState(0)
  const key = JSON.stringify([name, query, asked.origin, who])
  const latest = useRef(key)
  latest.current = key
  useEffect(() => {
    let timer: NodeJS.Timeout | undefined
    let isOver = false
    const look = async (): Promise<void> => {
      if (!browser.document.hidden) {
        const next = await looked<T>(name, query)
        if (isOver || latest.current !== key) return
        setSeen((before) => ({
          key,
          value: next.value ?? (before.key === key && next.isSilent ? before.value : null),
          problem: next.problem,
        }))
      }
      if (everyMs > 0 && !isOver) timer = setTimeout(look, everyMs)
    }
    void look()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [key, everyMs, round])
  const isOfThis = seen.key === key
  return {
    value: isOfThis ? seen.value : null,
    problem: isOfThis ? seen.problem : null,
    again: () => setRound((count) => count + 1),
  }
}

async function looked<T>(
  name: string,
  query: Readonly<Record<string, string | number>>,
): Promise<{ value: T | null; problem: string | null; isSilent: boolean }> {
  try {
    return { value: await get<T>(name, query), problem: null, isSilent: false }
  } catch (error) {
    if (error instanceof Silence || error instanceof Refusal) {
      return { value: null, problem: error.message, isSilent: error instanceof Silence }
    }
    throw error
  }
}
