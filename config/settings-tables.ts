// The tables of settings in docs/settings.md, from the rows in config/settings/. They are between two
// marks; the text around them is written by hand. `npm run docs` updates them (bin/docs.ts).

import { CHAPTERS } from './settings/registry.ts'
import type { Chapter, Scope, Setting } from './settings/setting.ts'

const BEGIN = '<!-- settings: written by `npm run docs` from config/settings/ -->'
const END = '<!-- end of settings -->'

const INTRODUCTIONS: Readonly<Record<Scope, string>> = {
  server: `## Settings of a server

A name with \`-D\` in front is a system property that the file cannot reach, as with ZooKeeper.`,
  ensemble: `## Settings of an ensemble

These matter to the members of an ensemble; a server on its own checks them, and says that they do
not matter to it.`,
}

/** The text of docs/settings.md with the tables as they should be. Throws if the marks are missing. */
export function withSettings(before: string): string {
  const begin = before.indexOf(BEGIN)
  const end = before.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`docs/settings.md has no ${BEGIN} before ${END}`)
  return `${before.slice(0, begin)}${BEGIN}\n\n${settingsText().trimEnd()}\n\n${before.slice(end)}`
}

function settingsText(): string {
  let scope: Scope | null = null
  let text = ''
  for (const chapter of CHAPTERS) {
    if (chapter.scope !== scope) text += `${INTRODUCTIONS[chapter.scope]}\n\n`
    scope = chapter.scope
    text += `### ${chapter.title}\n\n${table(chapter)}\n`
  }
  return text
}

function table({ options, inputs, more = [] }: Chapter<unknown>): string {
  const settings = Object.values<Setting<unknown>>({ ...options, ...inputs })
  const rows = [
    ...more.map(({ key, meaning }) => [key, '', meaning]),
    ...settings.map((setting) => [keyText(setting), defaultText(setting), setting.meaning]),
  ]
  const lines = rows.map((cells) => `| ${cells.join(' | ')} |`.replace('|  |', '| |'))
  return `| Key | Default | Meaning |\n|---|---|---|\n${lines.join('\n')}\n`
}

function keyText({ key, from }: Setting<unknown>): string {
  return from === 'property' ? `\`-D${key}\`` : `\`${key}\``
}

function defaultText({ default: text }: Setting<unknown>): string {
  return typeof text === 'string' ? text : text.said
}
