// Golden scripts: text in, effects out, in files that read as documentation. After etcd's datadriven.
//
//   # A comment.
//   command argument key=value
//   ----
//   what it comes to, a line each
//
// Blocks are parted by blank lines; several commands above one `----` are carried out one after the
// other, and their lines stand together. Whoever changes what is said on purpose has the files written
// anew and reads the difference:
//
//   REWRITE_SCRIPTS=1 npm test -- scripts

import { strictEqual } from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** From `dist/test/support`. */
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')
const RULE = '----'

export interface Command {
  readonly name: string
  /** Those without a `=`, in their order. */
  readonly words: readonly string[]
  readonly options: ReadonlyMap<string, string>
  /** As it stands in the file. */
  readonly text: string
}

/** Carries commands out; what each comes to. Throws on one that it does not know. */
export type Stage = (command: Command) => readonly string[]

/** A test for each script of the folder, each on a stage of its own. */
export function runScripts(folder: string, title: string, stage: () => Stage): void {
  const path = join(ROOT, 'test', 'scripts', folder)
  const names = readdirSync(path).filter((name) => name.endsWith('.txt'))
  describe(title, () => {
    for (const name of names.sort()) {
      test(name, () => {
        const file = join(path, name)
        const before = readFileSync(file, 'utf8')
        const after = played(before, stage())
        if (process.env['REWRITE_SCRIPTS'] === undefined) strictEqual(after, before)
        else writeFileSync(file, after)
      })
    }
  })
}

/** The script with what its commands come to on this stage. */
export function played(script: string, stage: Stage): string {
  return script
    .trimEnd()
    .split(/\n{2,}/)
    .map((block) => playedBlock(block, stage))
    .join('\n\n')
    .concat('\n')
}

function playedBlock(block: string, stage: Stage): string {
  const lines = block.split('\n')
  const rule = lines.indexOf(RULE)
  const asked = rule === -1 ? lines : lines.slice(0, rule)
  const commands = asked.filter((line) => !line.startsWith('#'))
  if (commands.length === 0) return block
  const effects = commands.flatMap((line) => stage(commandOf(line)))
  return [...asked, RULE, ...(effects.length === 0 ? ['(nothing)'] : effects)].join('\n')
}

export function commandOf(text: string): Command {
  const [name = '', ...rest] = text.trim().split(/\s+/)
  const words = rest.filter((word) => !word.includes('='))
  const pairs = rest.filter((word) => word.includes('=')).map((word) => word.split('=', 2))
  return { name, words, options: new Map(pairs as [string, string][]), text }
}
