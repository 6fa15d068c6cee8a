// What the servers of a soak hold while it runs: resident memory and descriptors, by process, as a
// table and as plots; and whether they grew.

import { readdirSync, writeFileSync } from 'node:fs'
import type { Member } from '../../perf/ensemble/member.ts'
import { escaped, lines } from '../../perf/report/plot.ts'
import { memory } from '../../perf/servers/usage.ts'

interface Sample {
  readonly second: number
  readonly server: number
  readonly pid: number
  readonly residentMiB: number
  readonly descriptors: number
}

const MIB = 1024 * 1024
const COLOURS = ['#2266bb', '#c9762b', '#3a8f4d', '#8a4fa3', '#777', '#b03a48', '#20808d']
/** Of one process: what it held early and late is compared from this age on, and only over so long. */
const GROWN_UP_S = 60
const COMPARED_S = 240
/** Late against early, with what one snapshot or one client more or less may make of it. */
const GROWTH_MAX = 1.3
const SLACK_MIB = 40
const SLACK_DESCRIPTORS = 16

export class Samples {
  readonly #all: Sample[] = []

  take(second: number, members: readonly Member[]): void {
    for (const { isRunning, pid, id } of members) {
      if (!isRunning) continue
      try {
        const residentMiB = memory(pid).residentBytes / MIB
        const descriptors = readdirSync(`/proc/${pid}/fd`).length
        this.#all.push({ second, server: id, pid, residentMiB, descriptors })
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** Of all processes at any time. */
  most(): { readonly residentMiB: number; readonly descriptors: number } {
    return {
      residentMiB: Math.round(Math.max(0, ...this.#all.map((one) => one.residentMiB))),
      descriptors: Math.max(0, ...this.#all.map((one) => one.descriptors)),
    }
  }

  /** Processes that lived long enough to tell, and grew. */
  growths(): string[] {
    const said: string[] = []
    for (const [pid, own] of this.#byProcess()) {
      const first = own[0]!.second + GROWN_UP_S
      const grown = own.filter(({ second }) => second >= first)
      if (grown.length < 3 || grown.at(-1)!.second - first < COMPARED_S) continue
      const third = Math.floor(grown.length / 3)
      const [early, late] = [grown.slice(0, third), grown.slice(-third)]
      for (const [what, slack] of [
        ['residentMiB', SLACK_MIB],
        ['descriptors', SLACK_DESCRIPTORS],
      ] as const) {
        const [before, after] = [median(early, what), median(late, what)]
        if (after <= before * GROWTH_MAX || after <= before + slack) continue
        const numbers = `from ${Math.round(before)} to ${Math.round(after)}`
        said.push(`server ${own[0]!.server}, process ${pid}: ${what} ${numbers}`)
      }
    }
    return said
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
      return `.s${server}{stroke:${COLOURS[i % COLOURS.length]};color:${COLOURS[i % COLOURS.length]}}`
    })
    const key = servers.map((server) => `<b class="s${server}">server ${server}</b>`).join(' ')
    const text = summary.map((line) => `${escaped(line)}<br>`).join('\n')
    writeFileSync(
      path,
      `<!doctype html><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:14px system-ui,sans-serif;max-width:900px;margin:2em auto}svg{display:block;font:11px
system-ui}.line{fill:none;stroke-width:1.5}.grid{stroke:#ddd}${colours.join('')}</style>
<h1>${escaped(title)}</h1><p>${text}<p>A line is a process; it ends where the process does. ${key}
<h2>Resident memory</h2>${this.#plot('residentMiB', 'MiB')}
<h2>Open descriptors</h2>${this.#plot('descriptors', 'descriptors')}
`,
    )
  }

  #plot(what: 'residentMiB' | 'descriptors', name: string): string {
    const drawn = [...this.#byProcess().values()].map((own) => ({
      series: `s${own[0]!.server}`,
      points: own.map((one) => [one.second, one[what]] as const),
    }))
    return lines(drawn, { name: 'seconds', text: String }, { name, text: String })
  }

  #byProcess(): ReadonlyMap<number, readonly Sample[]> {
    const found = new Map<number, Sample[]>()
    for (const one of this.#all) {
      const own = found.get(one.pid) ?? []
      own.push(one)
      found.set(one.pid, own)
    }
    return found
  }
}

function median(samples: readonly Sample[], what: 'residentMiB' | 'descriptors'): number {
  const sorted = samples.map((one) => one[what]).sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}
