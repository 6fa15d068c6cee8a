// What the page uses of Preact's hooks.

type SetState<T> = (value: T | ((before: T) => T)) => void

export interface Ref<T> {
  current: T
}

export function useState<T>(initial: T | (() => T)): [T, SetState<T>]
/** `effect` may return what ends it. */
export function useEffect(effect: () => (() => void) | undefined, inputs: readonly unknown[]): void
/** The same, before the browser draws what has changed. */
export function useLayoutEffect(
  effect: () => (() => void) | undefined,
  inputs: readonly unknown[],
): void
export function useRef<T>(initial: T): Ref<T>
export function useMemo<T>(make: () => T, inputs: readonly unknown[]): T
export function useId(): string
