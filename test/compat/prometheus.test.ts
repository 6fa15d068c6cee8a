// What Prometheus makes of our metrics: its own tool reads them, and every expression of the alert rules,
// of our dashboard, and of the dashboards and rules that are widely used finds its metrics in a scrape of
// an ensemble, or in the list of what is left out.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Client } from '../../client/client.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import { freePorts } from '../../perf/ensemble/ports.ts'
import { ROOT } from '../bin/launch.ts'
import { run, runs, successOf } from '../support/foreign.ts'
import { PrometheusServer } from '../support/prometheus-server.ts'
import { until } from '../support/until.ts'
import { DASHBOARD_NAMES, RULES } from './prometheus-names.ts'

const WHOLE_MS_MAX = 60_000
const HOST = '127.0.0.1'
const CLASS = 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider'
/** Too large for an installation of its own in CI: what it would find is looked for below, too. */
const PROMTOOL_MISSING = runs('promtool', ['--version'])
  ? false
  : 'promtool is not here: apt-get install prometheus'
const PROMETHEUS_MISSING = runs('prometheus', ['--version'])
  ? false
  : 'prometheus is not here: apt-get install prometheus'
const SCRAPED_MS_MAX = 60_000
const JOB = 'zookeeper'
const FOLDER = join(ROOT, 'monitoring')
/** Of PromQL, and labels. */
const WORDS = new Set(
  'up job instance key area quantile sum min max count rate increase changes floor by and or heap'.split(
    ' ',
  ),
)
/** Only in Prometheus itself. */
const ITS_OWN = new Set(['up'])

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string }[]
}

/** The metrics that an expression asks for. */
function namesIn(expr: string): string[] {
  const bare = expr
    .replace(/"[^"]*"/g, '')
    .replace(/\[\w+\]/g, '')
    .replace(/\$\w+/g, '')
  return [...bare.matchAll(/[a-z][a-z0-9_]*/g)]
    .map(([name]) => name)
    .filter((name) => !WORDS.has(name))
}

/** An alert's expression with a value whether or not the alert fires. */
function unfiltered(expr: string): string {
  return expr.replace(/ (==|>=|<=|>|<) /g, ' $1 bool ')
}

function alertExprs(): string[] {
  const text = readFileSync(join(FOLDER, 'prometheus-rules.yml'), 'utf8')
  return [...text.matchAll(/^ +expr: (.*)$/gm)].map(([, expr = '']) => expr)
}

function dashboardExprs(): string[] {
  const text = readFileSync(join(FOLDER, 'grafana-dashboard.json'), 'utf8')
  const { panels } = JSON.parse(text) as { panels: readonly Panel[] }
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll('$job', JOB)))
}

function leftOut(): Set<string> {
  const text = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8')
  const rows = text.slice(text.indexOf('## Left out')).matchAll(/^\| (`.*?`) \|/gm)
  return new Set([...rows].flatMap(([, names = '']) => names.match(/\w+/g) ?? []))
}

describe('Prometheus', () => {
  let ensemble: Ensemble
  let client: Client
  let ports: number[] = []
  /** Of each server. */
  const scrapes: string[] = []
  const names: Set<string> = new Set(ITS_OWN)

  before(async () => {
    ports = await freePorts(3)
    let next = 0
    ensemble = await Ensemble.prepare({
      configurationOf: () => [
        `metricsProvider.className=${CLASS}`,
        `metricsProvider.httpHost=${HOST}`,
        `metricsProvider.httpPort=${ports[next++]}`,
      ],
    })
    ensemble.start()
    await ensemble.whole(WHOLE_MS_MAX)
    client = new Client({ servers: ensemble.addresses, sessionTimeoutMs: 20_000 })
    await client.create('/a', null)
    await client.set('/a', new Uint8Array(10))
    await client.get('/a')
    for (const port of ports) {
      await until(`metrics are at ${port}`, WHOLE_MS_MAX, async () => {
        const answer = await fetch(`http://${HOST}:${port}/metrics`).catch(() => null)
        if (answer?.status !== 200) return false
        scrapes.push(await answer.text())
        return true
      })
    }
    for (const scrape of scrapes) {
      for (const [name] of scrape.matchAll(/^[a-z]\w*/gm)) names.add(name)
    }
  })
  after(async () => {
    client?.connection.abandon()
    await ensemble?.end()
  })

  test('each family is told once, with its type, before its samples', () => {
    for (const scrape of scrapes) {
      const seen = new Set<string>()
      let family = ''
      for (const line of scrape.trimEnd().split('\n')) {
        const [, typed] = /^# TYPE (\w+) (?:counter|gauge|summary)$/.exec(line) ?? []
        if (typed !== undefined) {
          ok(!seen.has(typed), `${typed} is told twice`)
          seen.add(typed)
          family = typed
        } else if (!line.startsWith('#')) {
          const [, name = ''] =
            /^(\w+)(?:\{(?:\w+="[^"]*",?)+\})? (?:NaN|-?\d\S*)$/.exec(line) ?? []
          ok([family, `${family}_count`, `${family}_sum`].includes(name), line)
        }
      }
      ok(seen.size > 200, `${seen.size} families`)
    }
  })

  test('its tool can read them', { skip: PROMTOOL_MISSING }, async () => {
    for (const scrape of scrapes) {
      const { status, out, err } = await run('promtool', ['check', 'metrics'], { input: scrape })
      // 3: read, with remarks on names, which are ZooKeeper's.
      ok(status === 0 || status === 3, `${out}${err}`)
      const faults = `${out}${err}`.split('\n').filter((line) => /error|pars/i.test(line))
      deepStrictEqual(faults, [])
    }
  })

  test('its tool accepts the alert rules, which fire when they should', {
    skip: PROMTOOL_MISSING,
  }, async () => {
    const rules = join(FOLDER, 'prometheus-rules.yml')
    successOf('promtool', await run('promtool', ['check', 'rules', rules]))
    const tests = join(FOLDER, 'prometheus-rules-test.yml')
    successOf('promtool', await run('promtool', ['test', 'rules', tests]))
  })

  test('each metric of the alert rules is in a scrape', () => {
    const exprs = alertExprs()
    ok(exprs.length >= 15)
    deepStrictEqual(
      exprs.flatMap(namesIn).filter((name) => !names.has(name)),
      [],
    )
  })

  test('each metric of the dashboard is in a scrape', () => {
    const text = readFileSync(join(FOLDER, 'grafana-dashboard.json'), 'utf8')
    const { panels } = JSON.parse(text) as { panels: readonly Panel[] }
    ok(panels.length >= 20)
    strictEqual(new Set(panels.map(({ title }) => title)).size, panels.length)
    deepStrictEqual(
      dashboardExprs()
        .flatMap(namesIn)
        .filter((name) => !names.has(name)),
      [],
    )
  })

  test('each metric of others’ dashboards and rules is in a scrape, or left out for a reason', (t) => {
    const without = leftOut()
    const isLeftOut = (name: string): boolean => {
      return without.has(name) || without.has(name.replace(/_(sum|count)$/, ''))
    }
    const asked = [...new Set([...DASHBOARD_NAMES, ...RULES.flatMap(namesIn)])]
    const found = asked.filter((name) => names.has(name))
    t.diagnostic(`${found.length} of ${asked.length} return data`)
    deepStrictEqual(
      asked.filter((name) => !names.has(name) && !isLeftOut(name)),
      [],
    )
    deepStrictEqual(found.filter(isLeftOut), [])
  })

  test('scrapes three servers, and each expression returns data', {
    skip: PROMETHEUS_MISSING,
  }, async (t) => {
    const rules = join(FOLDER, 'prometheus-rules.yml')
    const prometheus = await PrometheusServer.start({ job: JOB, ports, rules })
    try {
      await until('each server was scraped three times', SCRAPED_MS_MAX, async () => {
        await client.set('/a', new Uint8Array(10))
        const [count] = (await prometheus.query('count(count_over_time(up[1m]) > 2)')) ?? []
        return count === '3'
      })
      deepStrictEqual(await prometheus.query(`sum(up{job="${JOB}"})`), ['3'])
      const withoutData = async (exprs: readonly string[]): Promise<string[]> => {
        const answers = await Promise.all(exprs.map((expr) => prometheus.query(unfiltered(expr))))
        return exprs.filter((_, i) => answers[i]?.length === 0)
      }
      deepStrictEqual(await withoutData(alertExprs()), [])
      deepStrictEqual(await withoutData(dashboardExprs()), [])
      const others = [...DASHBOARD_NAMES, ...RULES]
      const empty = await withoutData(others)
      t.diagnostic(`${others.length - empty.length} of ${others.length} of others return data`)
      // Those that ask for a metric that no scrape has, and no other.
      const lacking = others.filter((expr) => namesIn(expr).some((name) => !names.has(name)))
      deepStrictEqual(empty, lacking)
      await until('each alert was evaluated', SCRAPED_MS_MAX, async () => {
        return ![...(await prometheus.alerts()).values()].includes('unknown')
      })
      const alerts = [...(await prometheus.alerts())]
      strictEqual(alerts.length, alertExprs().length)
      deepStrictEqual(
        alerts.filter(([, health]) => health !== 'ok'),
        [],
      )
    } finally {
      await prometheus.end()
    }
  })
})
