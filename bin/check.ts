// Says what is wrong with a configuration, a data folder or a running ensemble before an outage does:
//
//   ringkeeper check [-Dname=value] zoo.cfg   the configuration, this machine, and the data it names
//   ringkeeper check FOLDER              a data folder
//   ringkeeper check HOST:PORT,...       a running ensemble
//
// Ends with 0 if nothing dangerous was found, with 1 if something was, with 2 if something stops it.

import { existsSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { checkConfiguration } from './check/configuration.ts'
import { checkData } from './check/data.ts'
import { checkEnsemble } from './check/ensemble.ts'
import { Report, reportText } from './check/finding.ts'
import { checkMachine } from './check/machine.ts'

const USAGE = `Usage: ringkeeper check [--json] [--log FOLDER] [-Dname=value ...] FILE|FOLDER|HOST:PORT,...

FILE: a zoo.cfg; what it names is checked as well. FOLDER: a dataDir; --log names its dataLogDir, if that is
another one. HOST:PORT,...: the clients' ports of a running ensemble.
`
const BAD_INVOCATION = 2

interface Request {
  readonly json: boolean
  readonly log: string | null
  readonly what: string
  readonly settings: readonly string[]
}

function requestOf(args: readonly string[]): Request | string {
  const options = {
    json: { type: 'boolean', default: false },
    log: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const
  try {
    const { values, positionals } = parseArgs({
      args: args.filter((arg) => !arg.startsWith('-D')),
      options,
      allowPositionals: true,
    })
    const [what, ...more] = positionals
    if (values.help) return ''
    if (what === undefined || more.length > 0) return 'One file, folder or list of servers.'
    const settings = args.filter((arg) => arg.startsWith('-D'))
    return { json: values.json, log: values.log ?? null, what, settings }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function check({ what, log, settings }: Request, report: Report): Promise<void> {
  if (!existsSync(what)) {
    if (!/:\d+(,|$)/.test(what)) report.stops(`${what}: there is no such file or folder`)
    else await checkEnsemble(what.split(','), report)
  } else if (statSync(what).isDirectory()) {
    await checkData({ dataDir: what, dataLogDir: log ?? what }, report)
  } else {
    const options = checkConfiguration(what, settings, report)
    if (options === null) return
    await checkMachine(options, report)
    await checkData(options, report)
  }
}

const request = requestOf(process.argv.slice(2))
if (typeof request === 'string') {
  const stream = request === '' ? process.stdout : process.stderr
  stream.write(request === '' ? USAGE : `${request}\n${USAGE}`)
  process.exitCode = request === '' ? 0 : BAD_INVOCATION
} else {
  const report = new Report()
  await check(request, report)
  const { findings, facts } = report
  process.stdout.write(
    request.json ? `${JSON.stringify({ findings, facts })}\n` : reportText(report),
  )
  process.exitCode = report.exitCode
}
