// Where an operation's name stands: in its line of protocol/op-code.ts, its record, its own file, the
// table of those files, and once on either side of the client. Whoever adds one follows
// docs/recipes.md; whoever scatters one again is told here.

import { deepStrictEqual } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PARTS, READS, TRANSACTIONS, WRITES } from '../actors/tree/operations/operations.ts'
import { OPERATIONS, OpCode, operationName, operationOf } from '../protocol/op-code.ts'

const ROOT = findRoot()
const SOURCES = ['actors', 'bin', 'client', 'config', 'protocol', 'runtime'] as const

/** Operations that are in nobody's way: no session, no order and no other operation needs them. */
const PLAIN: Readonly<Record<string, readonly string[]>> = {
  getEphemerals: [
    'actors/tree/operations/get-ephemerals.ts',
    'actors/tree/operations/operations.ts',
    'client/client.ts',
    'client/shell/commands/list-commands.ts',
    'protocol/op-code.ts',
    'protocol/records/get-ephemerals.ts',
  ],
  getAllChildrenNumber: [
    'actors/tree/operations/get-all-children-number.ts',
    'actors/tree/operations/operations.ts',
    'client/client.ts',
    'client/shell/commands/list-commands.ts',
    'protocol/op-code.ts',
    'protocol/records/get-all-children-number.ts',
  ],
  whoAmI: [
    'actors/tree/operations/operations.ts',
    'actors/tree/operations/who-am-i.ts',
    'client/client.ts',
    'client/shell/commands/acl-commands.ts',
    'protocol/op-code.ts',
    'protocol/records/who-am-i.ts',
  ],
}

/** Who else in the server may know an operation by its code, and why. */
const KNOWN_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  // What an access list has to allow, before a leader is asked.
  'actors/tree/clients/eager-check.ts': ['create', 'create2', 'delete', 'setACL', 'setData'],
  // What the audit log calls a write, and how it reads it.
  'runtime/audit/audited-request.ts': [
    'create',
    'create2',
    'createContainer',
    'createTTL',
    'delete',
    'error',
    'multi',
    'reconfig',
    'setACL',
    'setData',
  ],
  // Proofs, which the network loop looks at.
  'runtime/net/input/client-input.ts': ['sasl'],
  'runtime/net/input/proofs.ts': ['auth', 'sasl'],
  // Their order among the requests of a connection.
  'actors/tree/clients/requests.ts': ['auth', 'closeSession', 'createSession', 'sync'],
  'actors/tree/learners.ts': ['closeSession', 'createSession', 'sync'],
  'actors/tree/tree.ts': ['closeSession'],
  // A reply of another form.
  'actors/tree/writes/committed.ts': ['closeSession', 'createSession'],
  // Whom zab must hear of.
  'actors/tree/writes/transactions.ts': ['reconfig'],
  // The transactions that no client's request becomes.
  'actors/tree/writes/proposals.ts': [
    'closeSession',
    'createSession',
    'delete',
    'deleteContainer',
    'error',
    'multi',
  ],
  'actors/zab/follower/rejoin.ts': ['delete'],
  // What follows a new session is committed later.
  'actors/zab/leader/commits.ts': ['createSession'],
  // No multi is in a multi.
  'runtime/disk/txn-text.ts': ['multi'],
}

describe('operations', () => {
  const files = SOURCES.flatMap((folder) => sources(join(ROOT, folder)))

  for (const [name, places] of Object.entries(PLAIN)) {
    it(`has ${name} in ${places.length} places`, () => {
      const word = new RegExp(`\\b(${name}|${kebab(name)})\\b`, 'i')
      const found = files.filter(({ path, text }) => word.test(path) || word.test(text))
      deepStrictEqual(found.map(({ path }) => path).sort(), places)
    })
  }

  it('knows them by their codes in few places of the server', () => {
    const found = files
      .filter(({ path }) => /^(actors|runtime)\//.test(path))
      .filter(({ path }) => !path.startsWith('actors/tree/operations/'))
      .map(({ path, text }) => [path, [...new Set(text.match(/(?<=\bOpCode\.)\w+/g) ?? [])].sort()])
      .filter(([, names]) => names?.length !== 0)
    deepStrictEqual(Object.fromEntries(found), KNOWN_ELSEWHERE)
  })

  it('has no codec that nothing but its own test uses', () => {
    const others = [...files, ...['perf', 'test'].flatMap((folder) => sources(join(ROOT, folder)))]
      .filter(({ path }) => path !== 'test/protocol/records/round-trip.test.ts')
      .map(({ text }) => text)
    const codecs = files
      .filter(({ path }) => path.startsWith('protocol/records/'))
      .flatMap(({ text }) =>
        [...text.matchAll(/^export function (\w+)/gm)].map(([, name]) => name!),
      )
    const uses = (name: string): number =>
      others.reduce((sum, text) => sum + text.split(new RegExp(`\\b${name}\\b`)).length - 1, 0)
    deepStrictEqual(
      codecs.filter((name) => uses(name) < 2),
      [],
    )
  })

  it('gives each its own code and its name back', () => {
    const codes = Object.values(OPERATIONS).map(({ code }) => code)
    deepStrictEqual(new Set(codes).size, codes.length)
    for (const [name, row] of Object.entries(OPERATIONS)) {
      deepStrictEqual(operationName(row.code), name)
      deepStrictEqual(operationOf(row.code), row)
      deepStrictEqual(OpCode[name as keyof typeof OpCode], row.code)
    }
  })

  it('finds each among those of its kind', () => {
    for (const { code, kind, ...row } of Object.values(OPERATIONS)) {
      deepStrictEqual(READS.has(code), kind === 'read' || kind === 'sync')
      deepStrictEqual(WRITES.has(code), kind === 'write')
      deepStrictEqual(PARTS.has(code), 'inMulti' in row)
      deepStrictEqual(TRANSACTIONS.has(code), !['read', 'sync', 'auth'].includes(kind))
    }
  })
})

/** The compiled test lies in dist/; the sources lie where package.json does. */
function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!readdirSync(folder).includes('package.json')) folder = dirname(folder)
  return folder
}

interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string
  readonly text: string
}

function sources(folder: string): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    if (!entry.name.endsWith('.ts')) return []
    return [{ path: relative(ROOT, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }]
  })
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
