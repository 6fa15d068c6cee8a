// Preloaded into every thread of a server whose writes are followed (`--import`): writes down when
// the thread parked and woke, rang, heard from a socket, wrote to one, and waited for its disk. It
// replaces functions that every module reaches through their objects, so the server runs as it is.
//
// Each thread appends to a file of its own, named by the `to` of this module's URL, its process and
// its number. A record is three doubles: what, and from when to when, in microseconds on the clock
// that all processes share.

// Preloaded into every thread of a server whose writes are followed (`--import`): writes down when
// the thread parked and woke, rang, heard from a socket, wrote to one, and waited for its disk. It
// replaces functions that every module reaches through their objects, so the server runs as it is.
//
// Each thread appends to a file of its own, named by the `to` of this module's URL, its process and
// its number. A record is three doubles: what, and from when to when, in microseconds on the clock
// that all processes share.

import fs, { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'
import { threadId } from 'node:worker_threads'

export const EVENTS = ['park', 'ring', 'rung', 'heard', 'sent', 'sync', 'write'] as const
export type EventName = (typeof EVENTS)[number]
export const RECORD_DOUBLES = 3

/** Some hundred writes; to append them takes a millisecond. */
const KEPT = 1024

export function eventsFile(to: string, pid: number, thread: number): string {
  return `${to}.${pid}.${thread}`
}

class Recorder {
  readonly #to: string
  readonly #records = new Float64Array(KEPT * RECORD_DOUBLES)
  readonly #offsetUs = Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000
  #length = 0

  constructor(to: string) {
    this.#to = to
  }

  now(): number {
    return performance.now() * 1000 + this.#offsetUs
  }

  add(name: EventName, fromUs: number, toUs: number): void {
    const records = this.#records
    records[this.#length++] = EVENTS.indexOf(name)
    records[this.#length++] = fromUs
    records[this.#length++] = toUs
    if (this.#length < records.length) return
    this.#length = 0
    appendFileSync(this.#to, new Uint8Array(records.buffer))
  }

  /** The function, with its calls written down. */
  timed<F extends (...args: never[]) => unknown>(name: EventName, call: F): F {
    const recorder = this
    return function (this: unknown, ...args: Parameters<F>): unknown {
      const fromUs = recorder.now()
      const result = call.apply(this, args)
      recorder.add(name, fromUs, recorder.now())
      return result
    } as F
  }
}

function record(recorder: Recorder): void {
  const { waitAsync } = Atomics
  const wakened = (): void => recorder.add('rung', recorder.now(), recorder.now())
  Atomics.wait = recorder.timed('park', Atomics.wait)
  Atomics.notify = recorder.timed('ring', Atomics.notify)
  Atomics.waitAsync = ((words: Int32Array<SharedArrayBuffer>, index: number, value: number) => {
    const waiting = waitAsync(words, index, value)
    if (waiting.async) void waiting.value.then(wakened)
    return waiting
  }) as typeof waitAsync
  fs.fdatasyncSync = recorder.timed('sync', fs.fdatasyncSync)
  fs.writeSync = recorder.timed(
    'write',
    fs.writeSync as (...args: never[]) => number,
  ) as typeof fs.writeSync
  syncBuiltinESMExports()
  const { emit, write } = Socket.prototype
  Socket.prototype.write = recorder.timed(
    'sent',
    write as (...args: never[]) => boolean,
  ) as typeof write
  Socket.prototype.emit = function (this: Socket, event: string | symbol, ...args: unknown[]) {
    const fromUs = recorder.now()
    const isHeard = emit.apply(this, [event, ...args] as never)
    if (event === 'data') recorder.add('heard', fromUs, recorder.now())
    return isHeard
  }
}

const to = new URL(import.meta.url).searchParams.get('to')
if (to !== null) record(new Recorder(eventsFile(to, process.pid, threadId)))
