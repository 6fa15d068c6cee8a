// Replaces a method of a class for the time of a mutation test.

/** Returns how to put it back. */
export function patched<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  replace: (original: T[K]) => T[K],
): () => void {
  const original = prototype[name]
  prototype[name] = replace(original)
  return () => {
    prototype[name] = original
  }
}

/** The same for a getter. */
export function patchedGetter<T extends object>(
  prototype: T,
  name: keyof T,
  value: (object: T) => unknown,
): () => void {
  const original = Object.getOwnPropertyDescriptor(prototype, name)!
  Object.defineProperty(prototype, name, {
    ...original,
    get(this: T) {
      return value(this)
    },
  })
  return () => {
    Object.defineProperty(prototype, name, original)
  }
}
