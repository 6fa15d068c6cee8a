// Runs a shell on a terminal, with a prompt, a history and completion; or on a pipe, line by line.

import { createInterface } from 'node:readline'
import { childPath } from '../path.ts'
import { commandNames, type Shell } from './shell.ts'

type Completion = [string[], string]

/** Reads commands until the input ends, or the user leaves. */
export async function runInteractive(
  shell: Shell,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): Promise<void> {
  const terminal = input.isTTY === true
  const lines = createInterface({
    input,
    terminal,
    historySize: 500,
    crlfDelay: Number.POSITIVE_INFINITY,
    ...(terminal ? { output } : {}),
    completer: (line: string, done: (error: Error | null, result: Completion) => void) => {
      complete(shell, line).then(
        (result) => done(null, result),
        () => done(null, [[], line]),
      )
    },
  })
  const prompt = (): void => {
    if (!terminal) return
    lines.setPrompt(shell.prompt)
    lines.prompt(true)
  }
  let waiting = true
  shell.onEventPrinted = () => {
    if (waiting) prompt()
  }
  lines.on('SIGINT', () => lines.close())
  prompt()
  for await (const line of lines) {
    waiting = false
    await shell.executeLine(line)
    if (shell.finished) break
    waiting = true
    prompt()
  }
  shell.onEventPrinted = null
  lines.close()
}

/** Completes the first word to a command, and a word that begins with a slash to a child of the
 * node. */
export async function complete(shell: Shell, line: string): Promise<Completion> {
  const word = /\S*$/.exec(line)?.[0] ?? ''
  if (word.startsWith('/')) return [await completePath(shell, word), word]
  if (word !== line.trimStart()) return [[], word]
  return [
    commandNames()
      .filter((name) => name.startsWith(word))
      .map((name) => `${name} `),
    word,
  ]
}

async function completePath(shell: Shell, word: string): Promise<string[]> {
  if (shell.client === null || shell.client.connection.state === 'connecting') return []
  const slash = word.lastIndexOf('/')
  const parent = slash === 0 ? '/' : word.slice(0, slash)
  const { children } = await shell.client.getChildren(parent)
  return [...children]
    .sort()
    .map((name) => childPath(parent, name))
    .filter((path) => path.startsWith(word))
}
