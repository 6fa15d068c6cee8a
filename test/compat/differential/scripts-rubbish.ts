// Scripts of requests that are none: unknown operations, odd paths, bodies that end too early or
// say nonsense.

import { OpCode } from '../../../protocol/op-code.ts'
import {
  create,
  exists,
  get,
  onPath,
  ping,
  type Request,
  remove,
  request,
  set,
} from './requests.ts'
import type { Link, Script } from './world.ts'

/** What servers say among themselves (createSession, deleteContainer) is in `internal`. */
const INTERNAL: readonly number[] = [OpCode.createSession, OpCode.deleteContainer]

const KNOWN = Object.values(OpCode).filter((type) => !INTERNAL.includes(type))
const UNKNOWN = [10, 23, 24, 99, 108, 1000, -2, -9, -12, -100, 2 ** 31 - 1, -(2 ** 31)]

function body(type: number, label: string, hex: string): Request {
  const bytes = Buffer.from(hex, 'hex')
  return request(type, label, (writer) => writer.raw(bytes, 0, bytes.length))
}

/** `/b` as a ustring. */
const PATH = '000000022f62'
const BODIES: Readonly<Record<string, string>> = {
  'nothing at all': '',
  'one byte': '00',
  'three bytes': '000000',
  'a null path': 'ffffffff',
  'a path of length -2': 'fffffffe',
  'a path of 2^31 - 1': '7fffffff',
  'a path longer than the rest': '000000302f62',
  'a path and no more': PATH,
  'a path and one byte': `${PATH}01`,
  'a path and four bytes of ones': `${PATH}ffffffff`,
  'a null path and zeros': `ffffffff${'00'.repeat(40)}`,
  'a path and zeros': `${PATH}${'00'.repeat(40)}`,
  'a path and ones': `${PATH}${'ff'.repeat(40)}`,
  'bytes that are no UTF-8': `00000004c3282fff${'00'.repeat(40)}`,
}

/** An operation the server does not know: it closes the connection after this answer. */
const UNIMPLEMENTED = /^\d+ -1 err=-6$/

/**
 * Asks, then finds out whether the connection lives on. Where it must not, nothing is sent: Apache
 * closes it in a step of its own, and a request that is quick enough is still answered
 * (UnimplementedRequestProcessor).
 */
async function probe(link: Link, rubbish: Request): Promise<void> {
  const answer = await link.ask(rubbish)
  if (UNIMPLEMENTED.test(answer ?? '')) await link.closing()
  else await link.ask(ping)
}

const bodies: Script = async (world) => {
  const a = await world.open('a')
  await a.ask(create('/b'))
  for (const type of KNOWN) {
    for (const [label, hex] of Object.entries(BODIES)) {
      const link = await world.open(`${type}`)
      world.rebase(link)
      await probe(link, body(type, label, hex))
      await link.end()
    }
  }
  await a.all(exists('/b'), get('/b'))
}

const unknown: Script = async (world) => {
  for (const type of UNKNOWN) {
    const link = await world.open(`${type}`)
    world.rebase(link)
    await probe(link, body(type, 'unknown', PATH))
  }
  const link = await world.open('check')
  await link.all(create('/check'), body(OpCode.check, 'alone', `${PATH}ffffffff`), ping)
}

/** The 19 odd paths of a well known client test, and more. */
const ODD: readonly string[] = [
  '',
  'x',
  '//',
  '/odd/',
  '/odd//x',
  '/odd/.',
  '/odd/..',
  '/odd/./x',
  '/odd/../x',
  '/odd/...',
  '/odd/.x',
  '/odd/\u0000',
  '/odd/\u0001',
  '/odd/\u001f',
  '/odd/\u0020',
  '/odd/\u007e',
  '/odd/\u007f',
  '/odd/\u0080',
  '/odd/\u009f',
  '/odd/\u00a0',
  '/odd/\ud7ff',
  '/odd/\ue000',
  '/odd/\uf8ff',
  '/odd/\uf900',
  '/odd/\uffef',
  '/odd/\ufff0',
  '/odd/\ufffd',
  '/odd/\uffff',
  '/odd/\u{1f600}',
  '/odd/ünïcode',
  '/odd/日本',
  `/odd/${'n'.repeat(2000)}`,
  '/none/x',
  '/odd',
  '/',
]

const paths: Script = async (world) => {
  const a = await world.open('a')
  await a.ask(create('/odd'))
  for (const path of ODD) {
    await a.all(create(path), create(path, { mode: 2 }), exists(path), get(path), set(path, 'y'))
    await a.all(onPath(OpCode.getChildren2, path), remove(path))
  }
  // UTF-8 that is none: surrogates, overlong, cut.
  for (const hex of [
    'eda080',
    'edbfbf',
    'c080',
    'e28220ac',
    'f09f98',
    'ff',
    'c3',
    'efbfbe',
    'f4908080',
  ]) {
    const bytes = Buffer.concat([Buffer.from('/odd/'), Buffer.from(hex, 'hex'), Buffer.from('x')])
    const path = `${bytes.length.toString(16).padStart(8, '0')}${bytes.toString('hex')}`
    const acls = '000000010000001f00000005776f726c6400000006616e796f6e65'
    await a.ask(body(OpCode.create, hex, `${path}00000000${acls}00000000`))
    await a.ask(body(OpCode.exists, hex, `${path}00`))
    await a.ask(body(OpCode.delete, hex, `${path}ffffffff`))
  }
  await a.ask(onPath(OpCode.getChildren, '/odd'))
}

/** More than a record needs, and flags that are neither 0 nor 1. */
const surplus: Script = async (world) => {
  const a = await world.open('a')
  for (const one of [
    create('/sur'),
    set('/sur', 'y'),
    exists('/sur'),
    get('/sur'),
    remove('/sur'),
  ]) {
    const longer = Buffer.concat([one.body, Buffer.from('surplus')])
    await a.ask({ ...one, body: longer })
  }
  await a.ask(create('/sur'))
  for (const flag of ['02', '7f', '80', 'ff']) {
    await a.ask(body(OpCode.exists, `with watch ${flag}`, `000000042f737572${flag}`))
    await a.ask(set('/sur', flag))
  }
  for (const xid of [0, -2, -3, -4, -8, 2 ** 31 - 1, -(2 ** 31)]) {
    const link = await world.open(`xid${xid}`)
    await link.ask({ ...exists('/sur'), xid })
    await link.ask({ ...set('/sur', 'x'), xid })
  }
}

/** Accepted by Apache from anybody; ours closes the connection. */
const internal: Script = async (world) => {
  const a = await world.open('a')
  await a.ask(create('/internal'))
  const b = await world.open('b')
  await b.ask(
    body(OpCode.deleteContainer, 'of a plain node', Buffer.from('/internal').toString('hex')),
  )
  await a.ask(exists('/internal'))
  const c = await world.open('c')
  await c.ask(body(OpCode.createSession, 'of ten seconds', '00002710'))
}

export const RUBBISH_SCRIPTS: Readonly<Record<string, Script>> = {
  bodies,
  unknown,
  paths,
  surplus,
  internal,
}
