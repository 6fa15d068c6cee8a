// Scripts about identities and access lists.

import { createHash } from 'node:crypto'
import type { Acl } from '../../../protocol/acl.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import {
  acl,
  auth,
  children2,
  create,
  create2,
  exists,
  get,
  getAcl,
  multi,
  multiRead,
  onPath,
  part,
  ping,
  reconfig,
  remove,
  request,
  set,
  setAcl,
  whoAmI,
} from './requests.ts'
import type { Link, Script } from './world.ts'

export const SUPER = 'super:secret'

export function digestOf(credentials: string): string {
  const hash = createHash('sha1').update(credentials).digest('base64')
  return `${credentials.split(':')[0]}:${hash}`
}

const ANYONE = acl(31, 'world', 'anyone')

/** Every operation that a permission governs, on a node and below it. */
async function everything(link: Link, path: string): Promise<void> {
  await link.all(exists(path), get(path), children2(path), getAcl(path), set(path, 'v'))
  await link.all(
    create(`${path}/x`),
    remove(`${path}/x`),
    create2(`${path}/y`),
    remove(`${path}/y`),
  )
  await link.all(
    onPath(OpCode.getAllChildrenNumber, path),
    multiRead(part.get(path), part.children(path)),
  )
  await link.all(
    multi(part.check(path)),
    multi(part.set(path, 'w')),
    multi(part.create(`${path}/z`)),
  )
  await link.all(multi(part.delete(`${path}/z`)), setAcl(path, [ANYONE], 99))
}

const permissions: Script = async (world) => {
  const a = await world.open('a')
  await a.ask(auth('digest', 'owner:p'))
  const b = await world.open('b')
  for (const perms of [0, 1, 2, 4, 8, 16, 3, 12, 15, 17, 30, 31]) {
    const path = `/perm${perms}`
    const list = [acl(31, 'auth', ''), acl(perms, 'world', 'anyone')]
    await a.all(create(path, { acl: list }), getAcl(path))
    await everything(b, path)
    await everything(a, path)
  }
}

const lists: Script = async (world) => {
  const a = await world.open('a')
  await a.all(create('/l'), auth('digest', 'u:p'), auth('digest', 'v:q'), auth('digest', 'u:p'))
  const hash = 'A6Dl5vF5vGKqvKjPKoGfGkVRZXw='
  const tried: (readonly Acl[] | null)[] = [
    [],
    null,
    [ANYONE, ANYONE],
    [acl(1, 'world', 'anyone'), acl(2, 'world', 'anyone')],
    [acl(31, 'world', 'nobody')],
    [acl(31, 'world', '')],
    [acl(0, 'world', 'anyone')],
    [acl(-1, 'world', 'anyone')],
    [acl(64, 'world', 'anyone')],
    [acl(31, 'auth', '')],
    [acl(1, 'auth', 'ignored')],
    [acl(1, 'auth', ''), acl(1, 'auth', 'again')],
    [acl(31, 'digest', `x:${hash}`)],
    [acl(31, 'digest', 'x')],
    [acl(31, 'digest', 'x:y:z')],
    [acl(31, 'digest', ':')],
    [acl(31, 'digest', 'x:')],
    [acl(31, 'digest', '')],
    [acl(31, 'digest', `a:b`), acl(1, 'digest', 'a:b'), acl(31, 'digest', 'a:b')],
    [acl(31, 'ip', '127.0.0.1')],
    [acl(31, 'ip', '127.0.0.0/8')],
    [acl(31, 'ip', '10.0.0.0/8'), ANYONE],
    [acl(31, 'ip', '127.0.0.1/33')],
    [acl(31, 'ip', '127.0.0.1/-1')],
    [acl(31, 'ip', '127.0.0.1/x')],
    [acl(31, 'ip', '127.0.0')],
    [acl(31, 'ip', '256.0.0.1')],
    [acl(31, 'ip', 'localhost')],
    [acl(31, 'ip', '')],
    [acl(31, 'super', '')],
    [acl(31, 'sasl', 'someone')],
    [acl(31, 'x509', 'CN=x')],
    [acl(31, 'nonsense', 'x')],
    [acl(31, '', '')],
    [ANYONE, acl(31, 'nonsense', 'x')],
  ]
  for (const [i, list] of tried.entries()) {
    await a.all(create(`/l/${i}`, { acl: list }), getAcl(`/l/${i}`), get(`/l/${i}`))
    await a.all(setAcl('/l', list), getAcl('/l'), multi(part.create(`/l/m${i}`, { acl: list! })))
    await a.ask(setAcl('/l', [ANYONE]))
  }
  const b = await world.open('b')
  await b.all(
    create('/l/none', { acl: [acl(31, 'auth', '')] }),
    setAcl('/l', [acl(31, 'auth', '')]),
  )
}

const masking: Script = async (world) => {
  const [a, b, c] = [await world.open('a'), await world.open('b'), await world.open('c')]
  await a.ask(auth('digest', 'u:p'))
  await c.all(auth('digest', 'reader:r'))
  const list = [
    acl(31, 'auth', ''),
    acl(1, 'digest', digestOf('reader:r')),
    acl(1, 'ip', '127.0.0.1'),
  ]
  await a.all(create('/mask', { acl: list }), getAcl('/mask'))
  await b.all(getAcl('/mask'), get('/mask'))
  await c.all(getAcl('/mask'), get('/mask'), set('/mask', 'x'))
  await a.all(setAcl('/mask', [acl(16, 'digest', digestOf('reader:r')), acl(31, 'auth', '')]))
  await c.all(getAcl('/mask'), get('/mask'), setAcl('/mask', [acl(31, 'auth', '')]), get('/mask'))
  await a.all(getAcl('/mask'), get('/mask'))
}

const identities: Script = async (world) => {
  const a = await world.open('a')
  await a.all(
    whoAmI,
    auth('digest', 'u:p'),
    whoAmI,
    auth('digest', 'u:p'),
    auth('digest', 'w:p'),
    whoAmI,
  )
  await a.all(auth('ip', ''), whoAmI, auth('ip', null), whoAmI, auth('digest', 'nocolon'), whoAmI)
  await a.all(auth('digest', ':'), auth('digest', 'a:b:c'), whoAmI)
  // No text is a credential like others; no bytes at all are none.
  const b = await world.open('b')
  await b.all(auth('digest', ''), whoAmI, create('/mine', { acl: [acl(31, 'auth', '')] }))
  await b.all(getAcl('/mine'), get('/mine'), remove('/mine'))
  await b.all(auth('digest', null), ping)
  // An ordinary xid is as good.
  await a.ask({ ...auth('digest', 'x:y'), xid: 77 })
  await a.ask(ping)
  for (const scheme of ['nonsense', '', 'world', 'auth', 'super', 'x509']) {
    const link = await world.open(scheme)
    await link.all(auth(scheme, 'x'), ping)
  }
  const sasl = await world.open('sasl')
  await sasl.all(
    request(OpCode.sasl, 'token', (writer) => writer.buffer(Buffer.from('x'))),
    ping,
  )
  const before = await world.connect('before')
  await before.ask(auth('digest', 'u:p'))
}

const superuser: Script = async (world) => {
  const [a, b] = [await world.open('a'), await world.open('b')]
  const c = await world.open('c')
  await a.ask(auth('digest', 'u:p'))
  await a.all(
    create('/su', { acl: [acl(31, 'auth', '')] }),
    create('/su/x', { acl: [acl(0, 'auth', '')] }),
  )
  await c.all(auth('digest', 'super:wrong'), get('/su'), whoAmI)
  await b.all(get('/su'), auth('digest', SUPER), whoAmI)
  await everything(b, '/su')
  await everything(b, '/su/x')
  await b.all(getAcl('/su'), set('/zookeeper/config', 'x'), get('/zookeeper/config'))
  await b.all(
    create('/su/auth', { acl: [acl(31, 'auth', '')] }),
    getAcl('/su/auth'),
    remove('/zookeeper'),
  )
  await b.all(
    set('/zookeeper/config', ''),
    remove('/su/x'),
    create('/zookeeper/x'),
    remove('/zookeeper/x'),
  )
}

const reconfiguring: Script = async (world) => {
  const a = await world.open('a')
  await a.all(
    reconfig(null, '1', null),
    reconfig('server.2=h:1:2;3', null, null),
    reconfig(null, null, 'x'),
  )
  await a.all(auth('digest', SUPER), reconfig(null, '1', null), ping)
}

export const ACCESS_SCRIPTS: Readonly<Record<string, Script>> = {
  permissions,
  lists,
  masking,
  identities,
  reconfiguring,
}

export const SUPER_SCRIPTS: Readonly<Record<string, Script>> = { superuser, reconfiguring }

/** The client says which ensemble it means; one that is wrong is closed without an answer. */
const ensembleNames: Script = async (world) => {
  const a = await world.open('a')
  await a.all(auth('ensemble', 'mine'), auth('ensemble', 'also mine'), whoAmI)
  await a.all(auth('ensemble', ''), auth('ensemble', null), ping)
  await a.all(
    create('/own', { acl: [acl(31, 'auth', '')] }),
    create('/own', { acl: [acl(31, 'ensemble', 'mine')] }),
  )
  await a.all(auth('ensemble', 'yours'), ping)
}

export const ENSEMBLE_NAME_SCRIPTS: Readonly<Record<string, Script>> = {
  'names of ensembles': ensembleNames,
}
