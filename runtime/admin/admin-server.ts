// ZooKeeper's admin server (JettyAdminServer): commands over HTTP, answered with the reports' records
// as JSON.
//
//   GET /commands            a page with a link to each
//   GET /commands/NAME       its record, then `command` and `error`; 200 whatever the error is
//   POST /commands/NAME      of a command that acts
//   GET /console/            a page for people, and what it asks for (runtime/console)

import { isOfConsole, LazyConsole } from '../console/lazy-console.ts'
import { isServing, NOT_SERVING, type ReportSource } from '../reports/source.ts'
import { randomBelow } from '../shared/random.ts'
import { ChangesCommand } from './changes-command.ts'
import { COMMANDS, commandOf } from './commands.ts'
import { handOverPage } from './hand-over-command.ts'
import {
  type Asked,
  NOT_FOUND,
  type Page,
  type Pages,
  POST_ONLY,
  READ_ONLY,
} from './http-listener.ts'
import { jsonText } from './json-text.ts'
import { probePage } from './probes.ts'
import { ShedCommand } from './shed-command.ts'
import { SnapshotCommand } from './snapshot-command.ts'

/** `commandUrl` is where the commands are: `/commands`. */
export function adminPages(source: ReportSource, commandUrl: string): Pages {
  const snapshot = new SnapshotCommand(source)
  const shed = new ShedCommand(source, randomBelow)
  const changes = new ChangesCommand(source)
  /** Of commands whose answer is more than a record. */
  const own: Readonly<Record<string, (query: URLSearchParams, asked: Asked) => Promise<Page>>> = {
    changes: (query, asked) => changes.page(query, asked),
    hand_over: (_query, asked) => handOverPage(source, asked),
    snapshot: (query, asked) => snapshot.page(query, asked),
    shed_connections: (_query, asked) => shed.page(asked),
  }
  const forPeople = new LazyConsole(source)
  const pages: Pages = (path, query, asked) => {
    if (isOfConsole(path)) return forPeople.page(path, query, asked)
    const isCommand = path.startsWith(`${commandUrl}/`) && path.length > commandUrl.length + 1
    const name = isCommand ? path.slice(commandUrl.length + 1) : ''
    const command = commandOf(name)
    const isAct = command?.isAct === true
    if (isAct !== (asked.method === 'POST')) return isAct ? POST_ONLY : READ_ONLY
    const probe = probePage(source, path)
    if (probe !== null) return probe
    if (path === commandUrl || path === `${commandUrl}/`) return listPage(commandUrl)
    if (!isCommand) return NOT_FOUND
    const page = own[command?.name ?? '']
    if (page !== undefined && isServing(source)) return page(query, asked)
    return commandPage(source, name, query)
  }
  pages.close = () => {
    forPeople.close()
    changes.close()
  }
  return pages
}

function listPage(commandUrl: string): Page {
  const lines = COMMANDS.map(({ name }) => `<a href="${commandUrl}/${name}">${name}</a>\n<br/>\n`)
  return { status: 200, type: 'text/html', body: lines.join('') }
}

async function commandPage(
  source: ReportSource,
  name: string,
  query: URLSearchParams,
): Promise<Page> {
  const command = commandOf(name)
  if (command === undefined) return jsonPage({ command: name, error: `Unknown command: ${name}` })
  if (command.isAlways !== true && !isServing(source)) {
    return jsonPage({ command: command.name, error: NOT_SERVING })
  }
  const report = await command.report(source, query)
  const isRefused = 'error' in report
  return jsonPage({ ...report, command: command.name, ...(isRefused ? {} : { error: null }) })
}

function jsonPage(record: object): Page {
  return { status: 200, type: 'application/json', body: jsonText(record) }
}
