// Prometheus as a process of its own, which scrapes some servers every second.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../../perf/ensemble/ports.ts'
import { removeFolder, temporaryFolder } from './own-server.ts'

const HOST = '127.0.0.1'

export interface PrometheusOptions {
  readonly job: string
  /** Ports on this machine that have /metrics. */
  readonly ports: readonly number[]
  /** A file of alert rules. */
  readonly rules: string
}

export class PrometheusServer {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #url: string
  #said = ''

  private constructor(child: ChildProcess, folder: string, url: string) {
    this.#child = child
    this.#folder = folder
    this.#url = url
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-4000)
    })
  }

  static async start({ job, ports, rules }: PrometheusOptions): Promise<PrometheusServer> {
    const folder = temporaryFolder()
    const [port] = await freePorts(1)
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      scrape_configs: [
        { job_name: job, static_configs: [{ targets: ports.map((one) => `${HOST}:${one}`) }] },
      ],
    }
    // JSON is YAML, too.
    const file = join(folder, 'prometheus.yml')
    writeFileSync(file, JSON.stringify(config))
    const child = spawn(
      'prometheus',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${HOST}:${port}`,
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    return new PrometheusServer(child, folder, `http://${HOST}:${port}`)
  }

  /** What an expression returns now: a value for each series. Null: Prometheus does not answer yet. */
  async query(expr: string): Promise<readonly string[] | null> {
    const answer = await this.#ask(`query?query=${encodeURIComponent(expr)}`)
    if (answer === null) return null
    const { result } = answer as { result: readonly { value: [number, string] }[] }
    return result.map(({ value: [, text] }) => text)
  }

  /** The name of each alert, and how its evaluation went: `ok`, `unknown` before it, or `err`. */
  async alerts(): Promise<ReadonlyMap<string, string>> {
    const { groups } = (await this.#ask('rules')) as {
      groups: readonly { rules: readonly { name: string; health: string }[] }[]
    }
    return new Map(groups.flatMap(({ rules }) => rules.map(({ name, health }) => [name, health])))
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null) {
      const gone = once(this.#child, 'close')
      this.#child.kill('SIGKILL')
      await gone
    }
    removeFolder(this.#folder)
  }

  async #ask(path: string): Promise<unknown> {
    if (this.#child.exitCode !== null) throw new Error(`prometheus has ended: ${this.#said}`)
    const response = await fetch(`${this.#url}/api/v1/${path}`).catch(() => null)
    if (response === null || response.status === 503) return null
    const answer = (await response.json()) as { status: string; error?: string; data: unknown }
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`)
    return answer.data
  }
}
