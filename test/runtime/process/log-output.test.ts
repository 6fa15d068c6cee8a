// The server's own log where it cannot be written: nothing throws, nothing waits, and what is lost
// is counted and said.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LogOutput } from '../../../runtime/process/log-output.ts'

/** What a write does: takes so many bytes at most, or fails. */
type Fate = number | string

class Sink {
  fate: Fate = Number.POSITIVE_INFINITY
  written = ''
  readonly output: LogOutput
  #callback: (() => void) | null = null

  constructor() {
    this.output = new LogOutput({
      write: (bytes) => {
        if (typeof this.fate === 'string') throw Object.assign(new Error(), { code: this.fate })
        const count = Math.min(bytes.length, this.fate)
        if (count === 0) throw Object.assign(new Error(), { code: 'EAGAIN' })
        this.fate -= count
        this.written += Buffer.from(bytes.subarray(0, count)).toString()
        return count
      },
      lostLine: (count, code) => `lost ${count} ${code}\n`,
      after: (_ms, callback) => {
        strictEqual(this.#callback, null, 'one retry at a time')
        this.#callback = callback
      },
    })
  }

  get retries(): boolean {
    return this.#callback !== null
  }

  retry(): void {
    const callback = this.#callback
    this.#callback = null
    callback?.()
  }
}

describe('the log', () => {
  test('is written as it comes', () => {
    const sink = new Sink()
    sink.output.write('a\n')
    sink.output.write('b\n')
    deepStrictEqual([sink.written, sink.output.lost, sink.retries], ['a\nb\n', 0, false])
  })

  for (const code of ['ENOSPC', 'EIO', 'EPIPE', 'EBADF']) {
    test(`loses lines with ${code}, and says how many when it can`, () => {
      const sink = new Sink()
      sink.fate = code
      for (const line of ['a\n', 'b\n', 'c\n']) sink.output.write(line)
      strictEqual(sink.output.lost, 3)
      sink.fate = Number.POSITIVE_INFINITY
      sink.output.write('d\n')
      strictEqual(sink.written, `lost 3 ${code}\nd\n`)
      sink.output.write('e\n')
      strictEqual(sink.written, `lost 3 ${code}\nd\ne\n`)
      strictEqual(sink.output.lost, 3)
    })
  }

  test('says so without another line, too', () => {
    const sink = new Sink()
    sink.fate = 'ENOSPC'
    sink.output.write('a\n')
    sink.retry()
    strictEqual(sink.retries, true)
    sink.fate = Number.POSITIVE_INFINITY
    sink.retry()
    deepStrictEqual([sink.written, sink.retries], ['lost 1 ENOSPC\n', false])
  })

  test('a line that was cut short does not run into the next', () => {
    const sink = new Sink()
    sink.fate = 3
    sink.output.write('abcdef\n')
    strictEqual(sink.written, 'abc')
    sink.fate = 'ENOSPC'
    sink.output.write('g\n')
    sink.fate = Number.POSITIVE_INFINITY
    sink.output.write('h\n')
    strictEqual(sink.written, 'abc\nlost 2 ENOSPC\nh\n')
  })

  test('waits for a slow reader, whose lines stay whole', () => {
    const sink = new Sink()
    sink.fate = 3
    sink.output.write('abcdef\n')
    sink.output.write('g\n')
    strictEqual(sink.output.flush(), false)
    sink.fate = Number.POSITIVE_INFINITY
    sink.retry()
    deepStrictEqual([sink.written, sink.output.lost], ['abcdef\ng\n', 0])
  })

  test('keeps no more than 256 KiB for a reader that sleeps', () => {
    const sink = new Sink()
    sink.fate = 0
    const line = `${'x'.repeat(1023)}\n`
    for (let i = 0; i < 1000; i++) sink.output.write(line)
    strictEqual(sink.output.lost, 1000 - 256)
    sink.fate = Number.POSITIVE_INFINITY
    sink.retry()
    strictEqual(sink.written, `${line.repeat(256)}lost 744 EAGAIN\n`)
    strictEqual(sink.retries, false)
  })

  test('what is lost while it says what was lost is said next', () => {
    const sink = new Sink()
    sink.fate = 'EIO'
    sink.output.write('a\n')
    sink.fate = 4
    sink.output.write('b\n')
    strictEqual(sink.written, 'lost')
    sink.fate = 'EIO'
    sink.output.write('c\n')
    strictEqual(sink.output.lost, 3)
    sink.fate = Number.POSITIVE_INFINITY
    sink.retry()
    strictEqual(sink.written, 'lost\nlost 3 EIO\n')
  })
})
