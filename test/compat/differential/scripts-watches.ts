// Scripts about watches: a watcher, and another connection that changes what is watched.

import { AddWatchMode, OpCode } from '../../../protocol/op-code.ts'
import {
  acl,
  addWatch,
  auth,
  checkWatches,
  children,
  children2,
  closeSession,
  create,
  ephemeral,
  exists,
  get,
  multi,
  part,
  type Request,
  remove,
  removeWatches,
  set,
  setAcl,
  setWatches,
  WORLD,
} from './requests.ts'
import type { Link, Script } from './world.ts'

const { persistent, persistentRecursive } = AddWatchMode

/** Asks each request of the writer, and after each looks what the watchers were told. */
async function changes(writer: Link, watchers: Link[], ...requests: Request[]): Promise<void> {
  for (const request of requests) {
    await writer.ask(request)
    for (const watcher of watchers) await watcher.events()
  }
}

const oneShot: Script = async (world) => {
  const [a, b] = [await world.open('a'), await world.open('b')]
  await a.all(create('/w'), create('/w/c'))
  const leave = [get('/w', 'watch'), exists('/w', 'watch'), children('/w', 'watch')]
  const made = [
    create('/w/n'),
    set('/w/n', 'x'),
    remove('/w/n'),
    set('/w', 'y'),
    setAcl('/w', WORLD),
  ]
  for (const change of [...made, create('/w/e', { mode: 1 }), multi(part.set('/w', 'm'))]) {
    await b.all(...leave)
    await changes(a, [b], change, set('/w', 'again'), create('/w/s-', { mode: 2 }))
  }
  await b.all(exists('/w/later', 'watch'), get('/w/later', 'watch'), children('/w/later', 'watch'))
  await changes(a, [b], create('/w/later'), set('/w/later', 'x'), remove('/w/later'))
  await b.all(exists('/w/c', 'watch'), get('/w/c', 'watch'), children2('/w/c', 'watch'))
  await changes(a, [b], remove('/w/c'), create('/w/c'))
  await b.all(exists('/w/c', 'watch'), children2('/w', 'watch'))
  await changes(a, [b], multi(part.set('/w/c', '1'), part.delete('/w/c'), part.create('/w/c')))
  await b.all(get('/w/c', 'watch'), children('/w', 'watch'))
  await changes(
    a,
    [b],
    multi(part.delete('/w/c'), part.delete('/none')),
    create('/w/x'),
    create('/w/c'),
  )
  await b.all(children('/', 'watch'), get('/', 'watch'), exists('/', 'watch'))
  await changes(a, [b], create('/w-root'), set('/', 'x'), set('/', ''), remove('/w-root'))
  // The writer's own watch is told before the reply.
  await a.all(get('/w', 'watch'), children('/w', 'watch'), set('/w', 'q'), create('/w/own'))
  await a.all(
    exists('/w/own2', 'watch'),
    create('/w/own2'),
    children('/w', 'watch'),
    remove('/w/own2'),
  )
}

const persistents: Script = async (world) => {
  const [a, b] = [await world.open('a'), await world.open('b')]
  await a.all(create('/p'), create('/p/c'))
  await b.all(addWatch('/p', persistent), addWatch('/p/none', persistent), addWatch('/p', 7))
  const all = [set('/p', 'x'), create('/p/n'), set('/p/n', 'x'), create('/p/n/m'), remove('/p/n/m')]
  await changes(
    a,
    [b],
    ...all,
    remove('/p/n'),
    setAcl('/p', WORLD),
    create('/p/none'),
    remove('/p/none'),
  )
  await changes(a, [b], remove('/p/c'), remove('/p'), create('/p'), set('/p', 'x'))
  await b.all(removeWatches('/p', 3))
  await changes(a, [b], set('/p', 'y'))
}

const recursives: Script = async (world) => {
  const [a, b] = [await world.open('a'), await world.open('b')]
  await a.all(create('/r'), create('/r/c'), create('/rr'))
  await b.all(addWatch('/r', persistentRecursive))
  const all = [set('/r', 'x'), create('/r/n'), set('/r/n', 'x'), create('/r/n/m'), remove('/r/n/m')]
  await changes(
    a,
    [b],
    ...all,
    remove('/r/n'),
    setAcl('/r', WORLD),
    create('/rr/x'),
    ephemeral('/r/e'),
  )
  await changes(a, [b], multi(part.create('/r/1'), part.create('/r/1/2'), part.set('/r/1', 'x')))
  await changes(a, [b], multi(part.delete('/r/1/2'), part.delete('/r/1'), part.delete('/none')))
  await changes(
    a,
    [b],
    remove('/r/e'),
    remove('/r/c'),
    remove('/r/1/2'),
    remove('/r/1'),
    remove('/r'),
  )
  await changes(a, [b], create('/r'), set('/r', '1'))
  await b.all(removeWatches('/r', 3), removeWatches('/r', 3))
  await changes(a, [b], set('/r', 'y'))
  const c = await world.open('c')
  await c.all(addWatch('/', persistentRecursive))
  await changes(a, [c], create('/r/deep'), create('/r/deep/er'), set('/', ''), remove('/r/deep/er'))
  await c.all(addWatch('/r', persistentRecursive), addWatch('/r/deep', persistentRecursive))
  await changes(a, [c], set('/r/deep', 'x'), create('/r/deep/er'), set('/rr', 'x'))
}

/** Modes of one connection on one path: 3.9 keeps them apart, 3.8 lets the last one win. */
const mixedModes: Script = async (world) => {
  const [a, b] = [await world.open('a'), await world.open('b')]
  await a.all(create('/x'), create('/y'))
  await b.all(addWatch('/x', persistent), get('/x', 'watch'))
  await changes(a, [b], set('/x', '1'), set('/x', '2'))
  await b.all(get('/y', 'watch'), addWatch('/y', persistentRecursive))
  await changes(a, [b], create('/y/c'), set('/y', '1'), set('/y', '2'))
}

const ephemeralsAndSessions: Script = async (world) => {
  const [a, b] = [await world.open('a'), await world.open('b')]
  await a.all(create('/es'), ephemeral('/es/1'))
  await b.all(get('/es/1', 'watch'), children('/es', 'watch'))
  await a.all(closeSession)
  await a.closing()
  await b.events()
  await b.all(children2('/es'), exists('/es/1'), exists('/es'), exists('/es/2', 'watch'))
  const c = await world.open('c')
  await c.all(ephemeral('/es/2'), children('/es', 'watch'), get('/es/2', 'watch'))
  await b.events()
  await c.all(remove('/es/2'), ephemeral('/es/3'), create('/es/4', { mode: 3 }), closeSession)
  await b.all(children2('/es'))
}

const readers: Script = async (world) => {
  const [a, b] = [await world.open('a'), await world.open('b')]
  await a.all(auth('digest', 'u:p'))
  await a.all(create('/h', { acl: [acl(31, 'auth', '')] }), create('/open'))
  await b.all(exists('/h', 'watch'), get('/h', 'watch'), children('/h', 'watch'))
  await b.all(exists('/h/later', 'watch'), addWatch('/h', persistent))
  await b.all(addWatch('/open', persistentRecursive), auth('digest', 'u:p'), get('/h', 'watch'))
  await changes(a, [b], set('/h', 'x'), create('/h/later'), create('/open/x'), remove('/h/later'))
}

/** `seen` counts from the script's beginning. */
async function reset(
  link: Link,
  base: bigint,
  seen: bigint,
  watched: object,
  type: number,
): Promise<void> {
  await link.ask(setWatches(base + seen, watched, type))
}

const setting: Script = async (world) => {
  const a = await world.open('a')
  const { base } = world.normaliser
  await a.all(
    create('/k'),
    create('/k/old'),
    create('/k/gone'),
    remove('/k/gone'),
    set('/k', 'new'),
  )
  const paths = ['/k', '/k/old', '/k/gone', '/k/never']
  for (const type of [OpCode.setWatches, OpCode.setWatches2]) {
    for (const seen of [0n, 3n, 5n, 6n, 100n]) {
      for (const kind of ['data', 'exist', 'child']) {
        const b = await world.open(`b${seen}`)
        await reset(b, base, seen, { [kind]: paths }, type)
        await b.events()
        await changes(a, [b], set('/k', 'z'), create('/k/never'), remove('/k/never'))
        await b.end()
      }
    }
  }
  const c = await world.open('c')
  await reset(
    c,
    base,
    0n,
    { persistent: ['/k', '/k/none'], recursive: ['/k/old'] },
    OpCode.setWatches2,
  )
  await changes(a, [c], set('/k', 'x'), create('/k/none'), create('/k/old/x'), remove('/k/old/x'))
  await reset(c, base, -1n, { data: ['/k'] }, OpCode.setWatches)
  await reset(c, base, 1n << 40n, { data: ['/k'] }, OpCode.setWatches)
  await reset(c, base, 0n, {}, OpCode.setWatches2)
}

const removing: Script = async (world) => {
  const a = await world.open('a')
  await a.all(create('/d'))
  const leave: Record<string, Request[]> = {
    nothing: [],
    data: [get('/d', 'watch')],
    child: [children('/d', 'watch')],
    both: [get('/d', 'watch'), children('/d', 'watch')],
    exist: [exists('/d/none', 'watch')],
  }
  for (const [name, requests] of Object.entries(leave)) {
    for (const type of [1, 2, 3, 0, 6, -1]) {
      const b = await world.open(`${name}${type}`)
      await b.all(...requests, checkWatches('/d', type), removeWatches('/d', type))
      await b.all(removeWatches('/d', type), removeWatches('/d/none', type))
      await changes(a, [b], set('/d', name), create('/d/s-', { mode: 2 }))
      await b.end()
    }
  }
}

/** Types 4 and 5 are new in 3.9, and persistent watches under 1, 2 and 3 behave otherwise there. */
const removingPersistent: Script = async (world) => {
  const a = await world.open('a')
  await a.all(create('/g'))
  for (const mode of [persistent, persistentRecursive]) {
    for (const type of [1, 2, 3, 4, 5]) {
      const b = await world.open(`mode${mode}type${type}`)
      await b.all(addWatch('/g', mode), checkWatches('/g', type), removeWatches('/g', type))
      await changes(a, [b], set('/g', 'x'), create('/g/s-', { mode: 2 }))
      await b.end()
    }
  }
}

export const WATCH_SCRIPTS: Readonly<Record<string, Script>> = {
  oneShot,
  persistents,
  recursives,
  mixedModes,
  ephemeralsAndSessions,
  readers,
  setting,
  removing,
  removingPersistent,
}
