// What the console's page is served and told, without a browser: the views, who may ask and from where,
// and what signing in allows.

import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from '../../../client/client.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import { Visitors } from '../../../runtime/console/visitors.ts'
import { digestOf } from '../../../runtime/net/input/authentication.ts'
import { until } from '../../support/until.ts'
import { ConsoleServer } from './console-server.ts'

const ANN = { scheme: 'digest', id: digestOf('ann:secret', 'sha1') }
const WAIT_MS = 30_000
const EPHEMERAL = { mode: CreateMode.ephemeralSequential }

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

describe('the console', () => {
  let server: ConsoleServer
  let client: Client

  before(async () => {
    server = await ConsoleServer.start()
    client = new Client({ servers: server.own.address, sessionTimeoutMs: 20_000 })
    await client.create('/a', utf8Bytes('{"n":1}'))
    await client.create('/a/<img src=x onerror=alert(1)>', utf8Bytes('</script><b>'))
    await client.create('/mine', utf8Bytes('secret'), { acl: [{ perms: 31, id: ANN }] })
    await client.create('/here', null, {
      acl: [{ perms: 1, id: { scheme: 'ip', id: '127.0.0.1' } }],
    })
    await client.create('/far', null, { acl: [{ perms: 1, id: { scheme: 'ip', id: '10.1.2.3' } }] })
  })
  after(async () => {
    await client.close()
    await server.stop()
  })

  describe('is served', () => {
    test('at its URL, where / leads to', async () => {
      for (const path of ['/', '/console']) {
        const { status, headers } = await server.ask(path)
        deepStrictEqual([status, headers['location']], [302, '/console/'])
      }
      const { status, headers, text } = await server.ask('/console/')
      deepStrictEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8'])
      ok(!/<script(?![^>]* src=)|\son\w+=|<style|\sstyle=|javascript:/i.test(text), text)
    })

    test('with modules that import what is there, and nothing foreign', async () => {
      const seen = new Set<string>()
      const rest = ['/console/lib/runtime/console/page/main.js']
      for (let path = rest.pop(); path !== undefined; path = rest.pop()) {
        if (seen.has(path)) continue
        seen.add(path)
        const { status, headers, text } = await server.ask(path)
        deepStrictEqual(
          [path, status, headers['content-type']],
          [path, 200, 'text/javascript; charset=utf-8'],
        )
        for (const [, name = ''] of text.matchAll(
          /(?:^|[;}])\s*(?:import|export)\b[^'"();]*["']([^'"]+)["']/gm,
        )) {
          ok(/^[./]/.test(name), `${path} imports ${name}`)
          rest.push(new URL(name, `http://x${path}`).pathname)
        }
      }
      ok(seen.size > 10, [...seen].join(' '))
      ok([...seen].some((path) => path.endsWith('/why/merge.js')))
    })

    test('nothing else of the server’s files', async () => {
      const paths = [
        'lib/runtime/server.js',
        'lib/runtime/console/visitors.js',
        'lib/runtime/why/../server.js',
        'lib/runtime/console/page/../visitors.js',
        'lib/runtime/console/page/%2e%2e/visitors.js',
        'lib/runtime/console/page/none.js',
        'vendor/pino.js',
        '../package.json',
        'package.json',
      ]
      for (const path of paths)
        strictEqual((await server.ask(`/console/${path}`)).status, 404, path)
    })

    test('with headers that close frames, scripts and sniffing', async () => {
      for (const path of ['', 'api/glance', 'api/none', 'console.css']) {
        const { headers } = await server.ask(`/console/${path}`)
        const policy = String(headers['content-security-policy'])
        match(policy, /default-src 'none'/)
        match(policy, /script-src 'self';/)
        match(policy, /frame-ancestors 'none'/)
        ok(!/unsafe|\*|data:/.test(policy), policy)
        strictEqual(headers['x-frame-options'], 'DENY')
        strictEqual(headers['x-content-type-options'], 'nosniff')
        strictEqual(headers['access-control-allow-origin'], undefined)
      }
    })

    test('not at all if it is switched off', async () => {
      const without = await ConsoleServer.start({ consoleEnabled: false })
      for (const path of ['/', '/console/', '/console/api/glance']) {
        strictEqual((await without.ask(path)).status, 404)
      }
      await without.stop()
    })
  })

  describe('is closed to', () => {
    const FOREIGN: readonly (readonly [string, Record<string, string>, number])[] = [
      ['a page of another site', { origin: 'http://evil.example' }, 403],
      ['a page on another port', { origin: 'http://127.0.0.1:1' }, 403],
      ['a page without an origin', { origin: 'null' }, 403],
      ['a name that was made to point here', { host: 'evil.example:8080' }, 421],
    ]
    for (const [who, headers, status] of FOREIGN) {
      test(who, async () => {
        for (const path of ['/console/', '/console/api/node?path=/a']) {
          const answer = await server.ask(path, headers)
          strictEqual(answer.status, status)
          strictEqual(answer.headers['access-control-allow-origin'], undefined)
        }
      })
    }

    const WRITES: readonly (readonly [string, Record<string, string>, number])[] = [
      ['no origin', { origin: '' }, 403],
      ['a foreign origin', { origin: 'http://evil.example' }, 403],
      ['a foreign site', { 'sec-fetch-site': 'cross-site' }, 403],
      ['a form’s type', { 'content-type': 'text/plain' }, 415],
      ['no token', { 'x-console-token': '' }, 401],
      ['a token that nobody has', { 'x-console-token': 'x' }, 401],
      ['an address for a token', { 'x-console-token': '127.0.0.1' }, 401],
    ]
    for (const [what, changed, status] of WRITES) {
      test(`a write with ${what}`, async () => {
        const token = await server.signIn('ann', 'secret')
        const headers: Record<string, string> = {
          origin: server.origin,
          'content-type': 'application/json',
          'x-console-token': token,
          ...changed,
        }
        for (const [name, value] of Object.entries(headers)) if (value === '') delete headers[name]
        const body = JSON.stringify({ path: '/a', version: 0, data: null })
        const answer = await server.ask('/console/api/set', headers, 'POST', body)
        strictEqual(answer.status, status, answer.text)
        strictEqual((await client.exists('/a'))?.version, 0)
      })
    }

    test('a preflight', async () => {
      const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST' }
      const answer = await server.ask('/console/api/set', headers, 'OPTIONS')
      strictEqual(answer.status, 405)
      strictEqual(answer.headers['access-control-allow-origin'], undefined)
    })
  })

  describe('shows a node', () => {
    test('with stat, data and access list', async () => {
      const node = await server.get('node', { path: '/a' })
      const { stat, data, isWhole, acl } = node
      strictEqual(Buffer.from(String(data), 'base64').toString(), '{"n":1}')
      strictEqual(isWhole, true)
      deepStrictEqual(acl, [{ scheme: 'world', id: 'anyone', perms: 'acdrw' }])
      const { numChildren, version, owner } = stat as Record<string, unknown>
      deepStrictEqual([numChildren, version, owner], [1, 0, null])
    })

    test('as its access list says', async () => {
      deepStrictEqual(await server.get('node', { path: '/mine' }), {
        problem: 'The access list does not allow you this.',
      })
      const token = await server.signIn('ann', 'secret')
      const { data } = await server.get('node', { path: '/mine' }, token)
      strictEqual(data, base64('secret'))
      const wrong = await server.signIn('ann', 'wrong')
      strictEqual((await server.get('node', { path: '/mine' }, wrong))['data'], undefined)
    })

    test('by the address of who looks', async () => {
      strictEqual((await server.get('node', { path: '/here' }))['dataProblem'], null)
      match(String((await server.get('node', { path: '/far' }))['problem']), /access list/)
    })

    test('and its children, whatever they are called', async () => {
      const { rows, total } = await server.get('children', { path: '/a' })
      const [row] = rows as { name: string; stat: { dataLength: number } }[]
      deepStrictEqual(
        [total, row?.name, row?.stat.dataLength],
        [1, '<img src=x onerror=alert(1)>', 12],
      )
    })

    const WRONG: readonly (readonly [string, Record<string, string>, number])[] = [
      ['node', {}, 400],
      ['node', { path: 'a' }, 400],
      ['node', { path: '/a/../b' }, 400],
      ['node', { path: '/none' }, 404],
      ['children', { path: '/a', size: '100000' }, 400],
      ['children', { path: '/a', page: '-1' }, 400],
      ['search', { path: '/', text: '' }, 400],
      ['search', { path: '/', text: 'x', more: '77' }, 410],
      ['sessions', { order: '__proto__' }, 400],
      ['session', { session: 'x' }, 400],
      ['constructor', {}, 404],
    ]
    for (const [view, query, status] of WRONG) {
      test(`not ${view} ${JSON.stringify(query)}`, async () => {
        const answer = await server.ask(`/console/api/${view}?${new URLSearchParams(query)}`)
        strictEqual(answer.status, status, answer.text)
        match(String(JSON.parse(answer.text).problem), /^[^\n]+\.$/)
      })
    }
  })

  test('who has signed in creates, sets and deletes, with the version checked', async () => {
    const token = await server.signIn('bob', 'x')
    const made = await server.post(
      'create',
      { path: '/new', data: base64('1'), mode: 'persistent' },
      token,
    )
    strictEqual(made.status, 200, made.text)
    const set = (version: unknown) => {
      return server.post('set', { path: '/new', data: base64('2'), version }, token)
    }
    strictEqual((await set(-1)).status, 400)
    strictEqual((await set(undefined)).status, 400)
    strictEqual((await set(0)).status, 200)
    const late = await set(0)
    deepStrictEqual([late.status, /since you read it/.test(late.text)], [409, true])
    const acl = [{ scheme: 'auth', id: '', perms: 'cdrwa' }]
    strictEqual((await server.post('acl', { path: '/new', acl, version: 0 }, token)).status, 200)
    strictEqual(
      (await server.post('acl', { path: '/new', acl: [], version: 1 }, token)).status,
      400,
    )
    deepStrictEqual((await client.getAcl('/new').catch(() => null)) === null, true)
    strictEqual((await server.post('delete', { path: '/new', version: 1 }, token)).status, 200)
    strictEqual(await client.exists('/new'), null)
    strictEqual((await server.post('constructor', {}, token)).status, 404)
    strictEqual((await server.post('sign-out', {}, token)).status, 200)
    strictEqual((await set(0)).status, 401)
  })

  test('a login that makes no sense is refused', async () => {
    const bodies = [
      { scheme: 'digest', user: '', password: 'x' },
      { scheme: 'digest', user: 'a:b', password: 'x' },
      { scheme: 'world', user: 'anyone', password: 'x' },
      { scheme: 'digest', user: 'x'.repeat(1000), password: 'x' },
      {},
    ]
    for (const body of bodies) strictEqual((await server.post('sign-in', body)).status, 400)
    const sasl = { scheme: 'sasl', user: 'ann', password: 'x' }
    strictEqual((await server.post('sign-in', sasl)).status, 401)
    strictEqual((await server.post('sign-in', { scheme: 'x509' })).status, 401)
  })

  test('the browser’s certificate is an identity, once its user has signed in with it', async () => {
    const subject = { scheme: 'x509', id: 'CN=ann' }
    const other = await ConsoleServer.start({ x509Provider: true })
    const root = new Client({ servers: other.own.address, sessionTimeoutMs: 20_000 })
    await root.create('/certified', utf8Bytes('hers'), { acl: [{ perms: 1, id: subject }] })
    const visitors = new Visitors(other.own.server)
    const login = { scheme: 'x509', user: subject.id, identities: [subject] } as const
    const token = await visitors.signIn('127.0.0.1', login)
    const { data } = await visitors.visitor('127.0.0.1', token).client.get('/certified')
    strictEqual(String(Buffer.from(data ?? [])), 'hers')
    await rejects(visitors.visitor('127.0.0.1', null).client.get('/certified'))
    visitors.close()
    await root.close()
    await other.stop()
  })

  test('sessions: what they hold, watch and stand in', async () => {
    const names = ['8b1c6c1e-9d5c-4e3a-8f52-0123456789ab', '9b1c6c1e-9d5c-4e3a-8f52-0123456789ab']
    await client.create('/lock', null)
    for (const name of names)
      await client.create(`/lock/_c_${name}-lock-`, utf8Bytes('h1'), EPHEMERAL)
    await client.get('/a', () => undefined)
    const id = `0x${client.connection.session.id.toString(16)}`
    await until('the list of ephemerals is made anew', WAIT_MS, async () => {
      const { total } = await server.get('locks')
      return total === 1
    })
    const { rows } = await server.get('sessions', { filter: id })
    strictEqual((rows as { session: string }[])[0]?.session, id)
    const details = await server.get('session', { session: id })
    const { holds, watches, stands } = details as Record<string, { total: number; paths: string[] }>
    deepStrictEqual([holds?.total, watches?.paths], [2, ['/a']])
    deepStrictEqual(stands, [
      { path: '/lock', kind: 'lock', standing: 'holds', before: 0 },
      { path: '/lock', kind: 'lock', standing: 'next', before: 1 },
    ])
    const lock = await server.get('lock', { path: '/lock' })
    const [holder, next] = lock['rows'] as Record<string, unknown>[]
    deepStrictEqual([holder?.['standing'], holder?.['data']], ['holds', base64('h1')])
    strictEqual(next?.['standing'], 'next')
    match(String(holder?.['client']), /^127\.0\.0\.1:\d+$/)
  })

  test('the configuration says where values come from, and no secrets', async () => {
    const given = new Map([['tickTime', { text: '2000', origin: 'zoo.cfg:3' }]])
    const secret = { sessionSecret: 'nobody should know this', given }
    const other = await ConsoleServer.start(secret)
    const { chapters } = await other.get('configuration')
    const settings = (chapters as { settings: Record<string, unknown>[] }[]).flatMap(
      (one) => one.settings,
    )
    const one = (key: string) => settings.find((setting) => setting['key'] === key)
    deepStrictEqual([one('tickTime')?.['value'], one('tickTime')?.['from']], ['2000', 'zoo.cfg:3'])
    strictEqual(one('globalOutstandingLimit')?.['from'] ?? null, null)
    ok(!JSON.stringify(settings).includes('nobody should know'))
    await other.stop()
  })

  for (const view of ['glance', 'members', 'why', 'top', 'warnings', 'me']) {
    test(`${view} has no problem`, async () => {
      const { status, text } = await server.ask(`/console/api/${view}`)
      strictEqual(status, 200, text)
      strictEqual(JSON.parse(text).problem, undefined)
    })
  }

  test('a search goes on from where it stopped', async () => {
    await client.create('/s', null)
    const made = Array.from({ length: 1200 }, (_, i) => client.create(`/s/n${i}`, null))
    await Promise.all(made)
    await client.create('/s/n7/needle', null)
    const found: string[] = []
    let more: string | null = null
    let rounds = 0
    do {
      const query = { path: '/s', text: 'N', ...(more === null ? {} : { more }) }
      const view = await server.get('search', query)
      found.push(...(view['found'] as string[]))
      more = view['more'] as string | null
      rounds++
    } while (more !== null)
    strictEqual(new Set(found).size, 1201)
    ok(rounds > 1)
    deepStrictEqual((await server.get('search', { path: '/', text: 'needle' }))['found'], [
      '/s/n7/needle',
    ])
  })
})
