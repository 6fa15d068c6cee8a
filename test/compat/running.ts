// A client as a process of its own that asks for the children of the root, and may never be served.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Of the root's children. */
const SERVED = /zookeeper\b(?!\.)/

export interface Invocation {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Runs until it is ended. One that gives up is started again. */
export class Running {
  output = ''
  readonly #invocation: Invocation
  #child: ChildProcess
  #gone: Promise<unknown>
  #isOver = false

  constructor(invocation: Invocation) {
    this.#invocation = invocation
    this.#child = this.#start()
    this.#gone = once(this.#child, 'close')
  }

  get isServed(): boolean {
    return SERVED.test(this.output)
  }

  async end(): Promise<void> {
    this.#isOver = true
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  #start(): ChildProcess {
    const { program, args, env } = this.#invocation
    const child = spawn(program, args, { env: { ...process.env, ...env } })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.output += chunk
      })
    }
    child.on('close', () => {
      if (this.#isOver || this.isServed) return
      this.#child = this.#start()
      this.#gone = once(this.#child, 'close')
    })
    return child
  }
}
