// The console in a browser: each view in both themes, with nothing for axe to find; hostile names and data;
// signing in and changing; a hundred thousand children; a lock with a thousand waiters; and a server that
// is killed while somebody looks at it.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'puppeteer-core'
import { Client } from '../../client/client.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import { freePorts } from '../../perf/ensemble/ports.ts'
import { utf8Bytes } from '../../protocol/bytes/text.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import { ConsoleServer } from '../runtime/console/console-server.ts'
import {
  axeFindings,
  Chromium,
  chromiumSkip,
  press,
  says,
  show,
  textOf,
} from './console/chromium.ts'

const HOSTILE = `<img src=x onerror=alert(1)>&amp;"'\u202etxt`
const SCRIPT = '</pre><script>alert(2)</script>'
const MANY = 100_000
const WAITERS = 1000
const AT_ONCE = 5000

const VIEWS: readonly (readonly [hash: string, heading: string, content: string])[] = [
  ['ensemble', 'Ensemble', 'standalone'],
  ['tree', 'Tree', 'world:anyone'],
  [`tree?path=${encodeURIComponent('/json')}`, 'Tree', '"fast": true'],
  ['sessions', 'Sessions', '0x'],
  ['locks', 'Locks and elections', '/lock'],
  [`locks?path=${encodeURIComponent('/lock')}`, '/lock', 'waits'],
  ['stories', 'Stories', 'Nothing went wrong.'],
  ['top', 'Top', 'Busiest paths'],
  ['configuration', 'Configuration', 'tickTime'],
  ['warnings', 'Warnings', 'nothing to warn about'],
]

async function fill(client: Client): Promise<void> {
  await client.create('/json', utf8Bytes('{"fast":true,"limits":[1,2]}'))
  await client.create('/text', utf8Bytes('one\ntwo\nthree'))
  await client.create('/hostile', null)
  await client.create(`/hostile/${HOSTILE}`, utf8Bytes(SCRIPT))
  await client.create('/many', null)
  for (let i = 0; i < MANY; i += AT_ONCE) {
    const names = Array.from({ length: AT_ONCE }, (_, k) => String(i + k).padStart(6, '0'))
    await Promise.all(names.map((name) => client.create(`/many/n${name}`, null)))
  }
  await client.create('/lock', null)
  const mode = CreateMode.ephemeralSequential
  const uuid = (i: number): string => `8b1c6c1e-9d5c-4e3a-8f52-${String(i).padStart(12, '0')}`
  for (let i = 0; i < WAITERS; i++) {
    await client.create(`/lock/_c_${uuid(i)}-lock-`, utf8Bytes(`worker ${i}`), { mode })
  }
}

describe('the console in a browser', { skip: chromiumSkip }, () => {
  let server: ConsoleServer
  let client: Client
  let chromium: Chromium

  before(async () => {
    server = await ConsoleServer.start()
    client = new Client({ servers: server.own.address, sessionTimeoutMs: 40_000 })
    await fill(client)
    chromium = await Chromium.start()
  })
  after(async () => {
    await chromium?.close()
    await client.close()
    await server.stop()
  })

  const url = (): string => `${server.origin}/console/`

  for (const theme of ['light', 'dark'] as const) {
    test(`every view, ${theme}: axe finds nothing, and nothing is forbidden or fails`, async () => {
      const { page, troubles } = await chromium.open(url(), theme)
      const findings: string[] = []
      for (const [hash, heading, content] of VIEWS) {
        await show(page, hash, heading)
        await says(page, 'main', content)
        findings.push(...(await axeFindings(page)).map((one) => `${hash}: ${one}`))
      }
      strictEqual(await page.$eval('html', (html) => html.dataset['theme']), theme)
      await page.close()
      deepStrictEqual([findings, troubles], [[], []])
    })
  }

  test('hostile names and data are text', async () => {
    const { page, troubles } = await chromium.open(`${url()}#tree?path=/hostile`)
    await says(page, 'tbody th', HOSTILE)
    await page.click('tbody th a')
    await says(page, 'pre', SCRIPT)
    await says(page, '.crumbs', HOSTILE)
    strictEqual((await page.$$('main img, main script')).length, 0)
    await page.close()
    deepStrictEqual(troubles, [])
  })

  test('a hundred thousand children, by pages and by a part of their names', async () => {
    const { page } = await chromium.open(`${url()}#tree?path=/many`)
    await says(page, '.pager', '1 to 100 of 100,000 children')
    await press(page, 'section[aria-label=Children]', 'Last')
    await says(page, 'tbody th', 'n099999')
    await page.type('section[aria-label=Children] input', '0777')
    await says(page, '.pager', '1 to 100 of 120 children')
    await press(page, 'section[aria-label=Children]', 'Next')
    await says(page, '.pager', '101 to 120 of 120 children')
    await page.close()
  })

  test('a lock with a thousand waiters: who holds it, who is next, and who is last', async () => {
    const { page } = await chromium.open(`${url()}#locks`)
    await says(page, 'tbody', '999')
    await press(page, 'main', '/lock')
    await says(page, 'section[aria-label="Who holds and who waits"] tbody', 'worker 0')
    match(await textOf(page, 'tbody tr:nth-child(1)'), /^holds/)
    match(await textOf(page, 'tbody tr:nth-child(2)'), /^next/)
    await press(page, 'main', 'Last')
    await says(page, 'tbody', 'worker 999')
    await page.close()
  })

  test('a search goes on where it stopped', async () => {
    const { page } = await chromium.open(`${url()}#tree?path=/`)
    await says(page, 'tbody', 'many')
    await page.type('#search', 'n09999')
    await page.keyboard.press('Enter')
    for (;;) {
      await says(page, '[aria-label=Search] [role=status]', 'found')
      const buttons = await page.$$('[aria-label=Search] .pager button')
      if (buttons.length === 0) break
      await buttons[0]?.click()
    }
    match(await textOf(page, '[aria-label=Search] [role=status]'), /^10 found/)
    await page.close()
  })

  test('the keyboard alone: past the views to the content, and through a dialog', async () => {
    const { page } = await chromium.open(url())
    await says(page, 'h1', 'Ensemble')
    await page.keyboard.press('Tab')
    strictEqual(await focused(page), 'To the content')
    await page.keyboard.press('Enter')
    strictEqual(await focused(page), 'Ensemble')
    await page.focus('.foot button')
    await page.keyboard.press('Enter')
    await says(page, 'dialog h2', 'Sign in')
    await page.keyboard.press('Escape')
    await page.waitForFunction('document.querySelector("dialog") === null')
    await page.close()
  })

  describe('who has signed in', () => {
    async function signedIn(path: string): Promise<Page> {
      const { page } = await chromium.open(`${url()}#tree?path=${path}`)
      await says(page, 'section[aria-label=Node]', 'world:anyone')
      strictEqual(await page.$('::-p-text(Edit data)'), null)
      await press(page, '.foot', 'Sign in')
      await page.waitForSelector('#user')
      await page.type('#user', 'ann')
      await page.type('#password', 'secret')
      await page.keyboard.press('Enter')
      await says(page, '.foot', 'Signed in as ann')
      await page.waitForSelector('::-p-text(Edit data)')
      return page
    }

    test('changes data, and is shown first what changes', async () => {
      const page = await signedIn('/text')
      await press(page, 'section[aria-label=Node]', 'Edit data')
      await page.waitForSelector('textarea')
      await page.focus('textarea')
      await page.keyboard.down('Control')
      await page.keyboard.press('End')
      await page.keyboard.up('Control')
      await page.keyboard.type('\nfour')
      await press(page, 'dialog', 'Show the change')
      await says(page, '.diff .added', 'four')
      deepStrictEqual(await axeFindings(page), [])
      strictEqual(String(Buffer.from((await client.get('/text')).data ?? [])), 'one\ntwo\nthree')
      await press(page, 'dialog', 'Write')
      await says(page, 'pre', 'four')
      strictEqual(
        String(Buffer.from((await client.get('/text')).data ?? [])),
        'one\ntwo\nthree\nfour',
      )
      await page.close()
    })

    test('overwrites nothing that somebody else has written meanwhile', async () => {
      await client.create('/shared', utf8Bytes('mine'))
      const page = await signedIn('/shared')
      await press(page, 'section[aria-label=Node]', 'Edit data')
      await page.waitForSelector('textarea')
      await page.type('textarea', 'x')
      await press(page, 'dialog', 'Show the change')
      await client.set('/shared', utf8Bytes('theirs'))
      await press(page, 'dialog', 'Write')
      await says(page, 'dialog', 'Somebody has changed the node')
      strictEqual(String(Buffer.from((await client.get('/shared')).data ?? [])), 'theirs')
      await page.close()
    })

    test('creates and deletes', async () => {
      const page = await signedIn('/json')
      await press(page, 'section[aria-label=Node]', 'New child')
      await page.waitForSelector('#name')
      await page.type('#name', 'made here')
      await press(page, 'dialog', 'Show the change')
      await press(page, 'dialog', 'Create')
      await says(page, '.crumbs', 'made here')
      ok((await client.exists('/json/made here')) !== null)
      await press(page, 'section[aria-label=Node]', 'Delete')
      await press(page, 'dialog', 'Delete')
      await page.waitForFunction('location.hash === "#tree?path=%2Fjson"')
      strictEqual(await client.exists('/json/made here'), null)
      await page.close()
    })
  })
})

async function focused(page: Page): Promise<string> {
  return (await page.evaluate('document.activeElement.textContent.trim()')) as string
}

describe('a server is killed while it is looked at', { skip: chromiumSkip }, () => {
  const IDS = [1, 2, 3]
  const WHOLE_MS_MAX = 120_000
  let ensemble: Ensemble
  let chromium: Chromium
  let ports: number[] = []

  before(async () => {
    ports = await freePorts(IDS.length)
    const members = IDS.map((id, i) => `${id}=127.0.0.1:${ports[i]}`).join(',')
    ensemble = await Ensemble.prepare({
      ids: IDS,
      configurationOf: (id) => [
        'admin.enableServer=true',
        `admin.serverPort=${ports[id - 1]}`,
        `ringkeeper.consoleMembers=${members}`,
      ],
    })
    ensemble.start()
    await ensemble.whole(WHOLE_MS_MAX)
    chromium = await Chromium.start()
  })
  after(async () => {
    await chromium?.close()
    await ensemble?.end()
  })

  test('the page says so, goes on with another member, and comes back', async () => {
    const { page, troubles } = await chromium.open(`http://127.0.0.1:${ports[0]}/`)
    await says(page, '.head', '3 of 3 members answer')
    const [first] = ensemble.members
    await first?.kill()
    await says(page, '#moved', 'server 1 does not answer')
    await says(page, '.head', '2 of 3 members answer')
    await show(page, 'tree?path=/zookeeper', 'Tree')
    await says(page, 'tbody', 'config')
    deepStrictEqual(await axeFindings(page), [])
    first?.start()
    await says(page, '#moved', 'answers again')
    await press(page, '#moved', 'Back to server 1')
    await page.waitForFunction('document.querySelector("#moved") === null')
    await show(page, 'stories', 'Stories')
    await says(page, 'main', 'it was killed')
    await page.close()
    deepStrictEqual(troubles, [])
  })

  test('with nobody left it says that, and keeps what it has seen', async () => {
    const { page } = await chromium.open(`http://127.0.0.1:${ports[0]}/`)
    await says(page, '.head', '3 of 3 members answer')
    for (const member of ensemble.members) await member.kill()
    await says(page, '#silence', 'Nobody answers')
    await says(page, 'main', 'Last zxid')
    await page.close()
  })
})
