// A running ensemble, asked over its clients' ports and admin servers: who answers, who leads, whether their
// settings, versions, data and clocks agree.

import { createConnection } from 'node:net'
import type { Report } from './finding.ts'

const ANSWER_MS_MAX = 5000
const ANSWER_CHARS_MAX = 1 << 20
const ADMIN_PORT_DEFAULT = 8080
/** HTTP's Date has whole seconds. */
const CLOCK_MS_MAX = 2000
/** Transactions of a few seconds under load. */
const LAG_MAX = 10_000
/** Settings in which members have to agree. */
const SAME = ['tickTime', 'initLimit', 'syncLimit', 'maxSessionTimeout', 'minSessionTimeout']

interface Answer {
  readonly address: string
  readonly version: string
  readonly mode: string
  readonly zxid: bigint
  readonly settings: ReadonlyMap<string, string>
  readonly clockAheadMs: number | null
}

/** `host:port` or `[address]:port`. */
export async function checkEnsemble(addresses: readonly string[], report: Report): Promise<void> {
  const asked = await Promise.all(addresses.map((address) => answerOf(address, report)))
  const answers = asked.filter((answer) => answer !== null)
  for (const { address, mode, version, zxid } of answers) {
    report.fact(`${address}: ${mode}, 0x${zxid.toString(16)}, ${version}`)
  }
  if (answers.length === 0) return
  checkModes(answers, addresses.length, report)
  checkAgreement(answers, report)
  checkLag(answers, report)
  checkClocks(answers, report)
}

async function answerOf(address: string, report: Report): Promise<Answer | null> {
  const match = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(address)
  if (match === null) {
    report.stops(`${address}: must be host:port`)
    return null
  }
  const host = match[1] ?? match[2] ?? ''
  const port = Number(match[3])
  let srvr: string
  try {
    srvr = await word(host, port, 'srvr')
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    report.stops(
      `${address} does not answer: ${problem}`,
      'Is it running, and does the network let you?',
    )
    return null
  }
  const mode = /^Mode: (\S+)/m.exec(srvr)?.[1]
  if (mode === undefined) {
    const said = srvr.trim().split('\n')[0] ?? ''
    report.stops(
      `${address} serves nobody: ${JSON.stringify(said.slice(0, 120))}`,
      'Without a leader: does it reach a majority of the others on both their ports? With a word that is not allowed: 4lw.commands.whitelist must have srvr.',
    )
    return null
  }
  const conf = await word(host, port, 'conf').catch(() => '')
  const settings = new Map(
    [...conf.matchAll(/^([\w.]+)=(.*)$/gm)].map((found) => [found[1] ?? '', found[2] ?? '']),
  )
  return {
    address,
    mode,
    version: /^Zookeeper version: ([^,\n]*)/im.exec(srvr)?.[1] ?? 'of unknown version',
    zxid: BigInt(/^Zxid: (0x[0-9a-f]+)/m.exec(srvr)?.[1] ?? '0x0'),
    settings,
    clockAheadMs: await clockAhead(host),
  }
}

function word(host: string, port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port })
    let answer = ''
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy(new Error('no answer in time')))
    socket.on('error', reject)
    socket.on('connect', () => socket.write(command))
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk
      if (answer.length > ANSWER_CHARS_MAX) socket.destroy()
    })
    socket.on('close', () => resolve(answer))
  })
}

/** By its admin server's Date, which the next line of code is behind by half a second; null: it does not say. */
async function clockAhead(host: string): Promise<number | null> {
  const name = host.includes(':') ? `[${host}]` : host
  try {
    const url = `http://${name}:${ADMIN_PORT_DEFAULT}/commands/ruok`
    const beganMs = Date.now()
    const { headers } = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
    const theirs = Date.parse(headers.get('date') ?? '')
    return Number.isNaN(theirs) ? null : theirs + 500 - (beganMs + Date.now()) / 2
  } catch {
    return null
  }
}

function checkModes(answers: readonly Answer[], asked: number, report: Report): void {
  const leaders = answers.filter(({ mode }) => mode === 'leader')
  const alone = answers.filter(({ mode }) => mode === 'standalone')
  if (alone.length > 0 && asked > 1) {
    report.stops(
      `${alone.map(({ address }) => address).join(', ')}: standalone, beside others`,
      'It is no member: writes there reach nobody else. Its zoo.cfg lacks the server lines, or has one alone.',
    )
  }
  if (leaders.length > 1) {
    report.stops(
      `${leaders.map(({ address }) => address).join(' and ')} both lead`,
      'They belong to different ensembles, or one has not noticed yet. Ask again in syncLimit ticks.',
    )
  }
  if (leaders.length === 0 && alone.length === 0 && answers.length === asked) {
    report.note(
      'none of these leads',
      'Name the leader as well: what follows is compared among these alone.',
    )
  }
}

function checkAgreement(answers: readonly Answer[], report: Report): void {
  for (const name of SAME) {
    const values = answers.map(({ address, settings }) => ({ address, value: settings.get(name) }))
    const known = values.filter(({ value }) => value !== undefined)
    if (new Set(known.map(({ value }) => value)).size <= 1) continue
    report.danger(
      `${name} differs: ${known.map(({ address, value }) => `${address} ${value}`).join(', ')}`,
      'Set it to the same everywhere: the leader of the day decides otherwise.',
    )
  }
  const silent = answers.filter(({ settings }) => settings.size === 0)
  if (silent.length > 0) {
    report.note(
      `${silent.map(({ address }) => address).join(', ')}: no answer to conf`,
      'Allow it (4lw.commands.whitelist) to have settings compared.',
    )
  }
  const versions = new Set(answers.map(({ version }) => version))
  if (versions.size > 1) {
    report.note(`versions differ: ${[...versions].join(', ')}`, 'Finish the upgrade.')
  }
  const members = answers.map(({ settings }) =>
    [...settings]
      .filter(([name]) => /^server\.\d+$/.test(name))
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(' '),
  )
  if (new Set(members.filter((text) => text !== '')).size > 1) {
    report.danger(
      'the servers do not agree on who the members are',
      'Compare the server lines of each zoo.cfg, or of the dynamic files.',
    )
  }
}

function checkLag(answers: readonly Answer[], report: Report): void {
  const newest = answers.reduce((max, { zxid }) => (zxid > max ? zxid : max), 0n)
  for (const { address, zxid } of answers) {
    const isOtherEpoch = zxid >> 32n !== newest >> 32n
    if (!isOtherEpoch && newest - zxid <= BigInt(LAG_MAX)) continue
    report.danger(
      `${address} has 0x${zxid.toString(16)}, and another has 0x${newest.toString(16)}`,
      'It lags, or is of another ensemble. Look at its disk and its link.',
    )
  }
}

function checkClocks(answers: readonly Answer[], report: Report): void {
  const known = answers.filter(({ clockAheadMs }) => clockAheadMs !== null)
  for (const { address, clockAheadMs } of known) {
    if (Math.abs(clockAheadMs ?? 0) <= CLOCK_MS_MAX) continue
    const seconds = Math.round((clockAheadMs ?? 0) / 1000)
    report.danger(
      `the clock of ${address} is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} ours`,
      'No session suffers, but ctime, mtime and TTLs do. Run a time service (chrony).',
    )
  }
  if (known.length < answers.length) {
    report.note(
      `clocks were compared for ${known.length} of ${answers.length}`,
      `The others have no admin server on port ${ADMIN_PORT_DEFAULT} that can be reached from here.`,
    )
  }
}
