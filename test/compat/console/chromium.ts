// Debian's Chromium without a window, driven over its own protocol by puppeteer-core. Every page notes
// what went wrong in it: an error, a line on its console, what its policy has forbidden.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, launch, type Page } from 'puppeteer-core'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const START_MS_MAX = 120_000
/** A busy machine is slow; nothing here is waited for by a clock. */
export const WAIT_MS = 60_000

/** Never asked for: a browser is too large for that. */
export const chromiumSkip: string | false = existsSync(CHROMIUM)
  ? false
  : 'Chromium is not here: apt-get install chromium'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

export interface Seen {
  readonly page: Page
  readonly troubles: readonly string[]
}

export class Chromium {
  readonly #browser: Browser

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  static async start(): Promise<Chromium> {
    // A test is no place for the kernel's namespaces; and nothing foreign is looked at.
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage']
    const options = { executablePath: CHROMIUM, headless: true, timeout: START_MS_MAX, args }
    return new Chromium(await launch({ ...options, protocolTimeout: START_MS_MAX }))
  }

  /** Opens a page at `url`. */
  async open(url: string, theme: 'light' | 'dark' = 'light'): Promise<Seen> {
    const page = await this.#browser.newPage()
    const troubles: string[] = []
    page.setDefaultTimeout(WAIT_MS)
    page.on('pageerror', (error) => troubles.push(`error: ${String(error)}`))
    page.on('dialog', (dialog) => {
      troubles.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('console', (line) => {
      // A refused or unanswered request is the page's own affair: it says so to its user.
      if (!/Failed to load resource/.test(line.text())) troubles.push(`console: ${line.text()}`)
    })
    await page.setViewport({ width: 1360, height: 900 })
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }])
    await page.goto(url)
    return { page, troubles }
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }
}

/** Goes to a view within the page, and waits for its heading. */
export async function show(page: Page, hash: string, heading: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
  await says(page, 'h1', heading)
}

/** Waits until an element that `selector` finds has this text. */
export async function says(page: Page, selector: string, text: string): Promise<void> {
  const [found, wanted] = [JSON.stringify(selector), JSON.stringify(text)]
  const test = `[...document.querySelectorAll(${found})].some((one) => one.textContent.includes(${wanted}))`
  try {
    await page.waitForFunction(test)
  } catch (error) {
    const now = await page.evaluate('document.body.innerText')
    throw new Error(`${selector} never said ${text}. The page says: ${now}`, { cause: error })
  }
}

export async function textOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (one) => one.textContent ?? '')
}

/** Presses the button or link of this name within what `scope` finds. */
export async function press(page: Page, scope: string, name: string): Promise<void> {
  const handle = await page.waitForSelector(
    `${scope} ::-p-xpath(.//*[self::button or self::a][normalize-space()="${name}" and not(@disabled)])`,
  )
  await handle?.click()
}

/** What axe finds wrong: a rule, and where. Its rules are WCAG 2.2 AA and its own best practices. */
export async function axeFindings(page: Page): Promise<string[]> {
  const { readFile } = await import('node:fs/promises')
  await page.evaluate(await readFile(AXE, 'utf8'))
  const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as {
    id: string
    help: string
    nodes: { html: string; failureSummary: string }[]
  }[]
  return found.flatMap(({ id, help, nodes }) =>
    nodes
      .slice(0, 3)
      .map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary}`),
  )
}
