// What the processes of a soak hold while it runs: resident memory and descriptors, as a table and as
// plots; and whether they grew.
//
// Most servers are killed again and again. So growth is judged twice: of a process that lived long
// enough, late against early; and of processes that did not, what those born late held at some age
// against those born early.

import { readdirSync, writeFileSync } from 'node:fs'
import type { Member } from '../../perf/ensemble/member.ts'
import { escaped, lines } from '../../perf/report/plot.ts'
import { memory } from '../../perf/servers/usage.ts'

interface Sample {
  readonly second: number
  /** CLIENTS for the program that makes the load. */
  readonly server: number
  readonly pid: number
  readonly residentMiB: number
  readonly descriptors: number
}

type What = 'residentMiB' | 'descriptors'

const CLIENTS = 0
const MIB = 1024 * 1024
const HOUR_S = 3600
const COLOURS = ['#777', '#2266bb', '#c9762b', '#3a8f4d', '#8a4fa3', '#b03a48', '#20808d']
/** Of one process: what it held early and late is compared from this age on, and only over so long. */
const GROWN_UP_S = 60
const COMPARED_S = 240
/** Of processes that did not live that long: at this age, and so many of them. */
const CHILD_S = 15
const CHILDREN_MIN = 9
/** Late against early, with what one snapshot or one client more or less may make of it. */
const GROWTH_MAX = 1.3
const SLACK = { residentMiB: 40, descriptors: 16 } as const

export class Samples {
  readonly #all: Sample[] = []

  take(second: number, members: readonly Member[]): void {
    this.#add(second, CLIENTS, process.pid)
    for (const { isRunning, pid, id } of members) if (isRunning) this.#add(second, id, pid)
  }

  /** Of all servers at any time. */
  most(): { readonly residentMiB: number; readonly descriptors: number } {
    const servers = this.#all.filter(({ server }) => server !== CLIENTS)
    return {
      residentMiB: Math.round(Math.max(0, ...servers.map((one) => one.residentMiB))),
      descriptors: Math.max(0, ...servers.map((one) => one.descriptors)),
    }
  }

  /** What grew. */
  growths(): string[] {
    const said: string[] = []
    const compare = (name: string, early: Sample[], late: Sample[]): void => {
      for (const what of ['residentMiB', 'descriptors'] as const) {
        const [before, after] = [median(early, what), median(late, what)]
        if (after <= before * GROWTH_MAX || after <= before + SLACK[what]) continue
        said.push(`${name}: ${what} from ${Math.round(before)} to ${Math.round(after)}`)
      }
    }
    for (const own of this.#longLived()) {
      const { server, pid } = own[0]!
      compare(`${nameOf(server)}, process ${pid}`, ...ends(own))
    }
    for (const [server, children] of this.#children()) {
      compare(`processes of ${nameOf(server)} at ${CHILD_S} s`, ...ends(children))
    }
    return said
  }

  /** For those that were compared: what they held early and late, and how that goes on. */
  trends(): string[] {
    const said = (own: Sample[]): string => {
      const [early, late] = ends(own)
      const held = (['residentMiB', 'descriptors'] as const).map((what) => {
        const [before, after] = [median(early, what), median(late, what)]
        return `${Math.round(before)} to ${Math.round(after)} ${WORDS[what]}`
      })
      return held.join(', ')
    }
    return [
      ...this.#longLived().map((own) => {
        const half = own.slice(own.length >> 1)
        const slope = `${slopeOf(half).toFixed(1)} MiB an hour in the later half`
        const seconds = own.at(-1)!.second - own[0]!.second
        return `${nameOf(own[0]!.server)}, one process for ${seconds} s: ${said(own)}, ${slope}`
      }),
      ...[...this.#children()].map(([server, children]) => {
        const count = `${children.length} processes`
        return `${nameOf(server)}, ${count}, each at ${CHILD_S} s: ${said(children)}`
      }),
    ]
  }

  writeTable(path: string): void {
    const rows = this.#all.map(({ second, server, pid, residentMiB, descriptors }) => {
      return `${second},${server},${pid},${residentMiB.toFixed(1)},${descriptors}\n`
    })
    writeFileSync(path, `second,server,process,resident_mib,descriptors\n${rows.join('')}`)
  }

  writePlots(path: string, title: string, summary: readonly string[]): void {
    const servers = [...new Set(this.#all.map(({ server }) => server))].sort((a, b) => a - b)
    const colours = servers.map((server, i) => {
      const colour = COLOURS[i % COLOURS.length]
      return `.s${server}{stroke:${colour};color:${colour}}`
    })
    const key = servers.map((server) => `<b class="s${server}">${nameOf(server)}</b>`).join(' ')
    const text = summary.map((line) => `${escaped(line)}<br>`).join('\n')
    writeFileSync(
      path,
      `<!doctype html><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:14px system-ui,sans-serif;max-width:900px;margin:2em auto}svg{display:block;font:11px
system-ui}.line{fill:none;stroke-width:1.5}.grid{stroke:#ddd}${colours.join('')}</style>
<h1>${escaped(title)}</h1><p>${text}<p>A line is a process; it ends where the process does. ${key}
<h2>Resident memory</h2>${this.#plot('residentMiB')}
<h2>Open descriptors</h2>${this.#plot('descriptors')}
`,
    )
  }

  #plot(what: What): string {
    const drawn = [...this.#byProcess().values()].map((own) => ({
      series: `s${own[0]!.server}`,
      points: own.map((one) => [one.second, one[what]] as const),
    }))
    return lines(drawn, { name: 'seconds', text: String }, { name: WORDS[what], text: String })
  }

  #add(second: number, server: number, pid: number): void {
    try {
      const residentMiB = memory(pid).residentBytes / MIB
      const descriptors = readdirSync(`/proc/${pid}/fd`).length
      this.#all.push({ second, server, pid, residentMiB, descriptors })
    } catch {
      // It has ended meanwhile.
    }
  }

  #byProcess(): ReadonlyMap<number, Sample[]> {
    const found = new Map<number, Sample[]>()
    for (const one of this.#all) {
      const own = found.get(one.pid) ?? []
      own.push(one)
      found.set(one.pid, own)
    }
    return found
  }

  /** What processes held that lived long enough to be compared with themselves. */
  #longLived(): Sample[][] {
    return [...this.#byProcess().values()]
      .map((own) => own.filter(({ second }) => second >= own[0]!.second + GROWN_UP_S))
      .filter((own) => own.length >= 3 && own.at(-1)!.second - own[0]!.second >= COMPARED_S)
  }

  /** By server, what each of its processes held at the same age, if there were enough of them. */
  #children(): ReadonlyMap<number, Sample[]> {
    const found = new Map<number, Sample[]>()
    for (const own of this.#byProcess().values()) {
      const child = own.find(({ second }) => second >= own[0]!.second + CHILD_S)
      if (child === undefined) continue
      found.set(child.server, [...(found.get(child.server) ?? []), child])
    }
    return new Map([...found].filter(([, children]) => children.length >= CHILDREN_MIN))
  }
}

const WORDS: Readonly<Record<What, string>> = { residentMiB: 'MiB', descriptors: 'descriptors' }

function nameOf(server: number): string {
  return server === CLIENTS ? 'the clients' : `server ${server}`
}

/** The first third, and the last. */
function ends(samples: Sample[]): [early: Sample[], late: Sample[]] {
  const third = Math.max(1, Math.floor(samples.length / 3))
  return [samples.slice(0, third), samples.slice(-third)]
}

function median(samples: readonly Sample[], what: What): number {
  const sorted = samples.map((one) => one[what]).sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}

/** Of the straight line with the least squares, in MiB an hour. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [x, y] = [mean(({ second }) => second), mean(({ residentMiB }) => residentMiB)]
  const above = mean(({ second, residentMiB }) => (second - x) * (residentMiB - y))
  const below = mean(({ second }) => (second - x) ** 2)
  return below === 0 ? 0 : (above / below) * HOUR_S
}
