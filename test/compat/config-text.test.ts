// What an ensemble of Apache's servers makes of a zoo.cfg, and what we make of the same file, byte
// for byte: the text of /zookeeper/config, and what `conf` says of the quorum.

import { strictEqual } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Client } from '../../client/client.ts'
import { readConfiguration } from '../../config/arguments.ts'
import { freePort } from '../../perf/ensemble/ports.ts'
import { SERVER_MAIN } from '../../perf/servers/apache-command.ts'
import { membershipText } from '../../protocol/quorum/membership-config.ts'
import { configurationText } from '../../runtime/net/words/configuration-text.ts'
import { ask, removeFolder, temporaryFolder } from '../bin/launch.ts'
import { APACHE_MISSING, javaArguments } from '../support/apache.ts'
import { until, within } from '../support/until.ts'

const READY_MS_MAX = 120_000

interface Written {
  readonly name: string
  readonly ids: readonly number[]
  /** The end of a server's line; `client` is where its clients connect. */
  line(id: number, client: number): string
  readonly more: string
}

const CASES: readonly Written[] = [
  { name: 'clientPort beside the lines', ids: [3, 1, 2], line: () => '', more: '' },
  {
    name: 'client ports on the lines, a group, and an observer',
    ids: [1001, 0, 300],
    line: (id, client) => (id === 1001 ? `:observer;${client}` : `;127.0.0.1:${client}`),
    more: 'group.7=300:0\nweight.300=3\n',
  },
]

for (const written of CASES) {
  describe(`the configuration of an ensemble: ${written.name}`, { skip: APACHE_MISSING }, () => {
    let folder: string
    const children: ChildProcess[] = []
    const ports: Map<number, number> = new Map()

    before(async () => {
      folder = temporaryFolder()
      const lines: string[] = []
      for (const id of written.ids) {
        const [quorum, election, client] = [await freePort(), await freePort(), await freePort()]
        ports.set(id, client)
        lines.push(`server.${id}=127.0.0.1:${quorum}:${election}${written.line(id, client)}`)
      }
      for (const id of written.ids) {
        const data = join(folder, String(id))
        mkdirSync(data)
        writeFileSync(join(data, 'myid'), `${id}\n`)
        const own =
          `tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=${data}\nclientPort=${ports.get(id)}\n` +
          'admin.enableServer=false\n4lw.commands.whitelist=*\n'
        writeFileSync(`${data}.cfg`, `${own}${lines.join('\n')}\n${written.more}`)
        const args = [...javaArguments(SERVER_MAIN), `${data}.cfg`]
        children.push(spawn('java', args, { stdio: 'ignore' }))
      }
    })
    after(async () => {
      for (const child of children) {
        if (child.exitCode !== null) continue
        const gone = once(child, 'exit')
        child.kill('SIGKILL')
        await gone
      }
      removeFolder(folder)
    })

    for (const id of written.ids) {
      test(`server ${id}`, async () => {
        const theirs = await textAt(ports.get(id) ?? 0)
        const { options } = readConfiguration([join(folder, `${id}.cfg`)], {})
        strictEqual(membershipText(options.ensemble!.membership), theirs)
        strictEqual(options.clientPort, ports.get(id))
        strictEqual(options.serverId, Number(readFileSync(join(folder, `${id}/myid`), 'utf8')))
        // Sizes of folders are before it.
        const quorumOf = (conf: string): string => conf.slice(conf.indexOf('serverId='))
        const ours = await configurationText({
          options,
          network: { port: options.clientPort, securePort: -1, mode: 'follower' },
        })
        strictEqual(quorumOf(ours), quorumOf(await ask(options.clientPort, 'conf')))
      })
    }
  })
}

/** What a server's client reads, as soon as there is a server. */
async function textAt(port: number): Promise<string> {
  let text = ''
  await until('Apache’s ensemble serves', READY_MS_MAX, async () => {
    const client = new Client({ servers: `127.0.0.1:${port}`, sessionTimeoutMs: 2000 })
    try {
      const { data } = await within('the configuration', 3000, client.get('/zookeeper/config'))
      text = Buffer.from(data ?? []).toString()
      return true
    } catch {
      return false
    } finally {
      void client.close().catch(() => undefined)
    }
  })
  return text
}
