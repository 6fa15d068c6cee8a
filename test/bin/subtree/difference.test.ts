// What a restore of a subtree would write, for a backup and a server each given as a few nodes.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { difference, type Node, type Nodes } from '../../../bin/backup/subtree/difference.ts'
import { NodeKind } from '../../../protocol/ephemeral-owner.ts'

/** `/a=data`; `!` behind the path: ephemeral; `#` behind it: read-only for everyone. No `=`: no data. */
function nodes(text: string): Nodes {
  return new Map(text.split(' ').filter(Boolean).map(nodeOf))
}

function nodeOf(word: string): [string, Node] {
  const [name = '', data] = word.split('=')
  const acl = [{ perms: name.endsWith('#') ? 1 : 31, id: { scheme: 'world', id: 'anyone' } }]
  const bytes = data === undefined ? null : Buffer.from(data)
  const kind = name.endsWith('!') ? NodeKind.ephemeral : NodeKind.persistent
  const node = { data: bytes, acl, kind, ttlMs: 0, version: 3, aversion: 5 }
  return [name.replace(/[!#]$/, ''), node]
}

type Row = readonly [
  what: string,
  wanted: string,
  found: string,
  flags: string,
  steps: string,
  left?: string,
]
const ROWS: readonly Row[] = [
  ['nothing to do', '/a=1 /a/b=2', '/a=1 /a/b=2', 'delete acls', ''],
  ['parents before children', '/a/b/c /a/b /a', '', '', 'create /a, create /a/b, create /a/b/c'],
  ['changed data', '/a=1', '/a=2', '', 'set /a 3'],
  ['no data is not empty data', '/a', '/a=', '', 'set /a 3'],
  ['extra is left unless asked', '/a', '/a /a/x', '', '', 'extra /a/x'],
  ['children deleted first', '/a', '/a /a/x /a/x/y', 'delete', 'delete /a/x/y 3, delete /a/x 3'],
  [
    'a live ephemeral keeps what is above it',
    '/a',
    '/a /a/x /a/x/e! /a/y',
    'delete',
    'delete /a/y 3',
    'extra /a/x, extra /a/x/e',
  ],
  ['ephemerals of the backup', '/a /a/e!', '/a', '', '', 'ephemeral /a/e'],
  [
    'a live ephemeral in the way',
    '/a /a/b /a/b/c',
    '/a /a/b!',
    'delete',
    '',
    'blocked /a/b, blocked /a/b/c',
  ],
  ['access lists kept as they are', '/a#', '/a', '', ''],
  ['access lists of the backup, last', '/a# /a/b', '/a', 'acls', 'create /a/b, acl /a 5'],
  ['a name that begins like another', '/a /ab', '/a /a/x /ab', 'delete', 'delete /a/x 3'],
]

describe('the difference between a backup and a server', () => {
  for (const [what, wanted, found, flags, steps, left = ''] of ROWS) {
    test(what, () => {
      const choices = { deleteExtra: flags.includes('delete'), acls: flags.includes('acls') }
      const result = difference(nodes(wanted), nodes(found), choices)
      const texts = result.steps.map((step) => {
        const version = 'version' in step ? ` ${step.version}` : ''
        return `${step.kind} ${step.path}${'aversion' in step ? ` ${step.aversion}` : version}`
      })
      const leftTexts = [
        ...result.ephemerals.map((path) => `ephemeral ${path}`),
        ...result.extra.map((path) => `extra ${path}`),
        ...result.blocked.map((path) => `blocked ${path}`),
      ]
      deepStrictEqual([texts.join(', '), leftTexts.join(', ')], [steps, left])
    })
  }
})
