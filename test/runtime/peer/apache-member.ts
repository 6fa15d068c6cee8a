// One server of Apache's in an ensemble whose other members are the test's sockets.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVER_MAIN } from '../../../perf/servers/apache-command.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { javaArguments } from '../../support/apache.ts'

export interface MemberPorts {
  readonly quorum: number
  readonly election: number
}

export class ApacheMember {
  readonly #child: ChildProcess
  readonly #folder: string

  constructor(
    id: ServerId,
    members: ReadonlyMap<ServerId, MemberPorts>,
    properties: readonly string[] = [],
  ) {
    this.#folder = mkdtempSync(join(tmpdir(), 'apache-member-'))
    const data = join(this.#folder, 'data')
    mkdirSync(data)
    writeFileSync(join(data, 'myid'), `${id}\n`)
    const configuration = join(this.#folder, 'zoo.cfg')
    const lines = ['tickTime=2000', 'initLimit=10', 'syncLimit=5', `dataDir=${data}`]
    lines.push('admin.enableServer=false')
    for (const [member, { quorum, election }] of members) {
      lines.push(`server.${member}=127.0.0.1:${quorum}:${election}`)
    }
    writeFileSync(configuration, `${lines.join('\n')}\n`)
    const options = properties.map((property) => `-D${property}`)
    const args = [...javaArguments(SERVER_MAIN, options), configuration]
    this.#child = spawn('java', args, { stdio: 'ignore' })
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
