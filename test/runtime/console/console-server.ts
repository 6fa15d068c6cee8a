// A server of ours in this process with its admin server, and a way to ask its console.

import { request } from 'node:http'
import { adminPages } from '../../../runtime/admin/admin-server.ts'
import { HttpListener } from '../../../runtime/admin/http-listener.ts'
import { OwnServer, type TestOptions } from '../../support/own-server.ts'

const HOST = '127.0.0.1'
const IDLE_MS = 30_000

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

type Json = Record<string, unknown>

export class ConsoleServer {
  readonly own: OwnServer
  readonly port: number
  readonly #listener: HttpListener

  private constructor(own: OwnServer, listener: HttpListener, port: number) {
    this.own = own
    this.#listener = listener
    this.port = port
  }

  static async start(options: TestOptions = {}): Promise<ConsoleServer> {
    const own = await OwnServer.start(options)
    const listener = new HttpListener(adminPages(own.server, '/commands'), IDLE_MS)
    return new ConsoleServer(own, listener, await listener.listen(0, HOST))
  }

  get origin(): string {
    return `http://${HOST}:${this.port}`
  }

  /** A request with exactly these headers besides Host, which they may replace: a browser's rules for
   * them do not apply. */
  ask(
    path: string,
    headers: Readonly<Record<string, string>> = {},
    method: string = 'GET',
    body: string = '',
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request({ host: HOST, port: this.port, path, method, headers, agent: false })
      asked.on('error', reject)
      asked.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
        })
      })
      asked.end(body)
    })
  }

  /** A view. */
  async get(name: string, query: Readonly<Record<string, string>> = {}, token = ''): Promise<Json> {
    const headers: Record<string, string> = token === '' ? {} : { 'x-console-token': token }
    const { text } = await this.ask(`/console/api/${name}?${new URLSearchParams(query)}`, headers)
    return JSON.parse(text) as Json
  }

  /** As the console's own page does it. */
  async post(name: string, body: object, token = ''): Promise<Answer & { json: Json }> {
    const headers: Record<string, string> = {
      origin: this.origin,
      'content-type': 'application/json',
      ...(token === '' ? {} : { 'x-console-token': token }),
    }
    const answer = await this.ask(`/console/api/${name}`, headers, 'POST', JSON.stringify(body))
    return { ...answer, json: JSON.parse(answer.text) as Json }
  }

  async signIn(user: string, password: string): Promise<string> {
    const { json } = await this.post('sign-in', { scheme: 'digest', user, password })
    return String(json['token'])
  }

  async stop(): Promise<void> {
    await this.#listener.close()
    await this.own.stop()
  }
}
