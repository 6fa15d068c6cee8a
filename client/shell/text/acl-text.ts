// ACLs as the shell reads and prints them: `scheme:id:perms[,scheme:id:perms...]`.

import type { Acl, Id } from '../../../protocol/acl.ts'
import { Perm } from '../../../protocol/op-code.ts'
import type { Terminal } from '../commands/command.ts'

const LETTERS: readonly (readonly [string, number])[] = [
  ['c', Perm.create],
  ['d', Perm.delete],
  ['r', Perm.read],
  ['w', Perm.write],
  ['a', Perm.admin],
]

/** Entries that make no sense are reported, and left out. */
export function parseAcls(text: string, terminal: Terminal): Acl[] {
  const acls: Acl[] = []
  for (const entry of text.split(',')) {
    const first = entry.indexOf(':')
    const last = entry.lastIndexOf(':')
    if (first === last) {
      terminal.err(`${entry} does not have the form scheme:id:perm`)
      continue
    }
    const id = { scheme: entry.slice(0, first), id: entry.slice(first + 1, last) }
    acls.push({ perms: parsePerms(entry.slice(last + 1), terminal), id })
  }
  return acls
}

function parsePerms(text: string, terminal: Terminal): number {
  let perms = 0
  for (const letter of text) {
    const known = LETTERS.find(([name]) => name === letter)
    if (known === undefined) terminal.err(`Unknown perm type: ${letter}`)
    else perms |= known[1]
  }
  return perms
}

export function permsText(perms: number): string {
  return LETTERS.filter(([, bit]) => (perms & bit) !== 0)
    .map(([name]) => name)
    .join('')
}

/** `'world,'anyone` and a line end: the text form of the record, which scripts rely on by now. */
export function idText(id: Id): string {
  return `${quoted(id.scheme)},${quoted(id.id)}\n`
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '%00'],
  ['\n', '%0A'],
  ['\r', '%0D'],
  [',', '%2C'],
  ['}', '%7D'],
  ['%', '%25'],
])

function quoted(text: string): string {
  let escaped = "'"
  for (const char of text) escaped += ESCAPES.get(char) ?? char
  return escaped
}
