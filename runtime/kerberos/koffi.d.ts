// Types of the parts of koffi that gss-library.ts uses. The package is optional.

declare module 'koffi' {
  /** A C function. Numbers come as they are, pointers as bigint. */
  export interface NativeFunction {
    (...args: unknown[]): number
    /** The last argument is a callback; a thread of the pool runs the function. */
    readonly async: (...args: unknown[]) => void
  }

  export interface Library {
    func(prototype: string): NativeFunction
    symbol(name: string, type: string): unknown
  }

  export function load(name: string): Library
  export function struct(name: string, members: Readonly<Record<string, string>>): unknown
  export function decode(pointer: unknown, type: string): unknown
  export function view(pointer: unknown, length: number): ArrayBuffer
}
