// Scripts about nodes: creating, changing, deleting, reading, and every error in its order.

import { CreateMode, OpCode } from '../../../protocol/op-code.ts'
import {
  acl,
  children,
  children2,
  container,
  create,
  create2,
  ephemeral,
  exists,
  get,
  getAcl,
  multi,
  onPath,
  part,
  ping,
  remove,
  set,
  setAcl,
  ttl,
  WORLD,
  whoAmI,
} from './requests.ts'
import type { Script } from './world.ts'

const READ_ONLY = [acl(1, 'world', 'anyone')]

const creating: Script = async (world) => {
  const a = await world.open('a')
  await a.all(create('/n'), create('/n/null', { data: null }), create('/n/empty', { data: '' }))
  await a.all(create('/n'), create('/n/x/y'), create('/missing/x'), create2('/n/two'))
  await a.all(create2('/n/two'), create2('/none/two'), container('/n/c'), container('/n/c'))
  await a.all(container('/n/c/child'), get('/n/c'), get('/n/null'), get('/n/empty'))
  for (const mode of [0, 1, 2, 3, 4, 5, 6, 7, -1, 100]) {
    await a.all(create(`/n/m${mode}`, { mode }), exists(`/n/m${mode}`))
    await a.all(create2(`/n/k${mode}`, { mode }), exists(`/n/k${mode}`))
    await a.all(container(`/n/o${mode}`, { mode }), exists(`/n/o${mode}`))
    await a.all(ttl(`/n/t${mode}`, 5000, { mode }), exists(`/n/t${mode}`))
  }
  for (const ms of [1, 0, -1, -5, 2 ** 40 - 1, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
    await a.all(ttl(`/n/ttl${ms}`, ms), exists(`/n/ttl${ms}`))
    // One that is negative ends Apache's process when it is applied.
    if (ms >= 0) await a.ask(ttl(`/n/plain${ms}`, ms, { mode: 0 }))
  }
  await a.all(create('/n/e', { mode: 1 }), create('/n/e/x'), create('/n/e/x/y'), exists('/n/e'))
  await a.all(
    create('/n/e/x', { mode: 1 }),
    create('/n/e/s', { mode: 2 }),
    exists('/n'),
    children2('/n'),
  )
}

const errorsInOrder: Script = async (world) => {
  const a = await world.open('a')
  await a.all(create('/o'), create('/o/ro', { acl: READ_ONLY }), create('/o/e', { mode: 1 }))
  const bad = acl(31, 'digest', 'nocolon')
  for (const path of [
    '/o/ro/x',
    '/o/e/x',
    '/o/none/x',
    '/o',
    '/o/..',
    'relative',
    '',
    '/',
    '/o/',
  ]) {
    for (const list of [WORLD, [bad], [], null]) {
      for (const mode of [0, 1, 2, 9]) await a.ask(create(path, { mode, acl: list }))
    }
  }
  await a.all(
    ttl('/o/ro/x', 5),
    ttl('/o/ro/x', -5),
    ttl('', 5),
    ttl('/o/none/x', 5, { acl: [bad] }),
  )
  for (const path of ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config', '/o/none']) {
    for (const version of [-1, 0, 7]) await a.ask(remove(path, version))
  }
  await a.all(
    remove('', 0),
    remove('o'),
    remove('/o/'),
    remove('/o//x'),
    remove('/o', 5),
    remove('/o'),
  )
  await a.all(remove('/o/ro/x'), remove('/o/none/x'), remove('/o/ro', 3), remove('/zookeeper/x'))
  await a.all(
    create('/o/ro2', { acl: READ_ONLY }),
    remove('/o/ro2'),
    set('/o/ro', 'y'),
    set('/o/ro', 'y', 9),
  )
  await a.all(
    set('/o', 'y', 9),
    set('/o/none', 'y', 9),
    set('', 'y'),
    set('/o/', 'y'),
    set('o', 'y'),
  )
  await a.all(
    set('/o', 'y', -2),
    set('/o', null, 0),
    set('/o', '', 1),
    set('/o', 'z', 2),
    set('/', 'root'),
  )
  await a.all(
    set('/', '', -1),
    set('/zookeeper', 'x'),
    set('/zookeeper', ''),
    set('/zookeeper/config', 'x'),
  )
  await a.all(
    setAcl('/o/none', WORLD),
    setAcl('/o/none', [bad]),
    setAcl('/o/none', []),
    setAcl('/o', null),
  )
  await a.all(
    setAcl('/o/ro', WORLD),
    setAcl('/o/ro', [bad]),
    setAcl('/o', WORLD, 7),
    setAcl('/o', WORLD, 0),
  )
  await a.all(
    setAcl('', WORLD),
    setAcl('/o/', WORLD),
    setAcl('/o', WORLD, -2),
    setAcl('/o', WORLD, 1),
  )
  await a.all(
    setAcl('/o', READ_ONLY),
    set('/o', 'x'),
    create('/o/x'),
    remove('/o/e'),
    setAcl('/o', WORLD),
  )
  await a.all(exists('/o'), getAcl('/o'), getAcl('/o/none'), getAcl(''), getAcl('/o/'), getAcl('o'))
}

const stats: Script = async (world) => {
  const a = await world.open('a')
  const path = '/s'
  const look = [exists(path), get(path), children2(path), getAcl(path)]
  await a.all(create(path), ...look, set(path, 'longer'), ...look, setAcl(path, WORLD), ...look)
  await a.all(create(`${path}/a`), ...look, create(`${path}/b`, { mode: 1 }), ...look)
  await a.all(
    set(`${path}/a`, 'q'),
    ...look,
    remove(`${path}/a`),
    ...look,
    remove(`${path}/b`),
    ...look,
  )
  await a.all(set(path, null), ...look, set(path, ''), ...look, container(`${path}/c`), ...look)
  await a.all(create(`${path}/q`, { mode: 2 }), ...look, create(`${path}/q`, { mode: 3 }), ...look)
  await a.all(
    multi(part.create(`${path}/m`), part.set(`${path}/m`, '2'), part.set(path, 'x')),
    ...look,
  )
  await a.all(
    exists(`${path}/m`),
    multi(part.delete(`${path}/m`), part.create(`${path}/m`)),
    ...look,
  )
  await a.all(exists(`${path}/m`), remove(path), ...look, children(path), exists(`${path}/c`))
  await a.all(create(path), set(path, 'x', 0), remove(path, 0), remove(`${path}/none`))
}

const reading: Script = async (world) => {
  const a = await world.open('a')
  await a.all(create('/r'), create('/r/a'), create('/r/a/b'), create('/r/a/b/c'), create('/rr'))
  await a.all(
    create('/r/secret', { acl: [acl(30, 'world', 'anyone')] }),
    create('/r/e', { mode: 1 }),
  )
  await a.all(ephemeral('/r/a/e2'), ephemeral('/rr/e3'), ephemeral('/r/a/b/e4'))
  for (const path of [
    '/',
    '/r',
    '/r/a',
    '/r/none',
    '/r/secret',
    '',
    '/r/',
    'r',
    '//',
    '/zookeeper',
  ]) {
    await a.all(exists(path), get(path), children(path), children2(path), getAcl(path))
    await a.all(onPath(OpCode.getAllChildrenNumber, path), onPath(OpCode.getEphemerals, path))
    await a.all(onPath(OpCode.sync, path))
  }
  for (const path of ['/zookeeper/config', '/zookeeper/quota']) await a.all(get(path), getAcl(path))
  for (const type of [OpCode.getEphemerals, OpCode.sync]) await a.ask(onPath(type, null))
  await a.all(onPath(OpCode.getEphemerals, ' '), onPath(OpCode.getEphemerals, '/r/a'), whoAmI, ping)
  await a.all(onPath(OpCode.getEphemerals, '/nothing'), onPath(OpCode.sync, '/no/such'))
  for (const path of ['/', '/r', '/r/none']) {
    await a.all(exists(path, 'watch'), get(path, 'watch'), children(path, 'watch'))
  }
}

const sequences: Script = async (world) => {
  const a = await world.open('a')
  const next = create('/q/s-', { mode: 2 })
  await a.all(create('/q'), next, next, create('/q/plain'), next, remove('/q/plain'), next)
  await a.all(create('/q/', { mode: 2 }), create('/q/', { mode: 3 }), create2('/q/k-', { mode: 3 }))
  await a.all(remove('/q/s-0000000000'), next, create('/q/plain'), create('/q/plain'), next)
  await a.all(create('/q/none/x', { mode: 2 }), next, create('/q/bad\u0001', { mode: 2 }), next)
  await a.all(container('/q/c'), next, ephemeral('/q/e'), next, multi(part.check('/q')), next)
  const failing = [part.create('/q/m-', { mode: 2 }), part.create('/q/m-', { mode: 2 })]
  await a.all(multi(...failing), next, multi(...failing, part.check('/q/none')), next)
  await a.all(
    multi(part.delete('/q/none'), ...failing),
    next,
    multi(...failing, part.set('/q', '', 9)),
  )
  await a.all(
    next,
    exists('/q'),
    children2('/q'),
    create('/', { mode: 2 }),
    create('/', { mode: 3 }),
  )
  await a.all(create('/q/s-0000000099'), create('/q/s-00000000', { mode: 2 }))
  await a.pipeline(next, next, next, remove('/q/plain'), next, exists('/q'), children('/q'))
}

const large: Script = async (world) => {
  const a = await world.open('a')
  const full = 'v'.repeat(1_048_000)
  await a.all(create('/large'), set('/large', full), exists('/large'), get('/large'))
  await a.all(set('/large', full.slice(5)), exists('/large'), multi(part.set('/large', full)))
  await a.all(exists('/large'), remove('/large'))
  // One byte more than a frame may have.
  await a.all(set('/large', 'v'.repeat(0xfffff)))
}

const pipelines: Script = async (world) => {
  const a = await world.open('a')
  await a.pipeline(create('/p'), get('/p'), set('/p', '1'), get('/p'), set('/p', '2', 1), get('/p'))
  await a.pipeline(create('/p/x'), children('/p'), remove('/p/x'), children('/p'), exists('/p/x'))
  await a.pipeline(get('/p/none'), set('/p/none', 'x'), get('/p'), remove('/p', 9), exists('/p'))
  await a.pipeline(
    create('/p/e', { mode: CreateMode.ephemeral }),
    onPath(OpCode.getEphemerals, '/'),
  )
  await a.pipeline(set('/p', '3'), onPath(OpCode.sync, '/p'), get('/p'), whoAmI, exists('/p'))
  const many = Array.from({ length: 200 }, (_, i) => set('/p', `${i}`, i % 3 === 0 ? 5 : -1))
  await a.pipeline(...many)
  await a.pipeline(...many.flatMap((one) => [one, get('/p')]))
}

export const NODE_SCRIPTS: Readonly<Record<string, Script>> = {
  creating,
  errorsInOrder,
  stats,
  reading,
  sequences,
  large,
  pipelines,
}
