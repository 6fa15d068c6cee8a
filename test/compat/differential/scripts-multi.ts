// Scripts about multi and multiRead.

import { OpCode } from '../../../protocol/op-code.ts'
import {
  acl,
  children2,
  create,
  exists,
  get,
  multi,
  multiRead,
  part,
  remove,
  request,
  set,
} from './requests.ts'
import type { Script } from './world.ts'

const { create2, createContainer, createTTL } = OpCode

const succeeding: Script = async (world) => {
  const a = await world.open('a')
  await a.all(multi(), create('/m'), multi(part.create('/m/a'), part.create('/m/b', {}, create2)))
  await a.all(multi(part.create('/m/c', { mode: 4 }, createContainer), part.check('/m')))
  await a.all(multi(part.create('/m/t', { mode: 5, ttlMs: 9999 }, createTTL)), exists('/m/t'))
  await a.all(
    multi(part.set('/m', 'x'), part.set('/m', 'y', 1), part.check('/m', 2), part.delete('/m/a')),
  )
  await a.all(
    multi(part.create('/m/x'), part.create('/m/x/y'), part.delete('/m/x/y'), part.delete('/m/x')),
  )
  await a.all(
    multi(part.create('/m/e', { mode: 1 }), part.create('/m/s-', { mode: 3 })),
    children2('/m'),
  )
  await a.all(
    multi(part.create('/m/s-', { mode: 2 }), part.create('/m/s-', { mode: 2 })),
    children2('/m'),
  )
  await a.all(
    exists('/m'),
    exists('/m/c'),
    exists('/m/e'),
    multi(part.create('/m/n', { data: null })),
  )
  await a.all(
    multi(part.delete('/m/b'), part.create('/m/b'), part.set('/m/b', 'z', 0)),
    exists('/m/b'),
  )
  const many = Array.from({ length: 300 }, (_, i) => part.create(`/m/many-${i}`))
  await a.all(multi(...many), exists('/m'))
  await a.pipeline(multi(part.set('/m', '1')), get('/m'), multi(part.set('/m', '2')), get('/m'))
}

const failing: Script = async (world) => {
  const a = await world.open('a')
  await a.all(create('/f'), create('/f/a'), create('/f/ro', { acl: [acl(1, 'world', 'anyone')] }))
  await a.all(
    create('/f/e', { mode: 1 }),
    create('/f/hidden', { acl: [acl(30, 'world', 'anyone')] }),
  )
  const good = [part.create('/f/1'), part.set('/f', 'v'), part.delete('/f/a'), part.check('/f')]
  const bad = [
    part.check('/f', 77),
    part.check('/f/none'),
    part.check('/f/hidden'),
    part.check(''),
    part.delete('/f/none'),
    part.delete('/f'),
    part.delete('/f/a', 9),
    part.delete('/'),
    part.set('/f/none', 'x'),
    part.set('/f', 'x', 99),
    part.set('/f/ro', 'x'),
    part.create('/f'),
    part.create('/f/none/x'),
    part.create('/f/ro/x'),
    part.create('/f/e/x'),
    part.create('/f/x', { mode: 9 }),
    part.create('/f/x', { acl: [] }),
    part.create('/f/../x'),
    part.create('/f/x', { mode: 5, ttlMs: 0 }, createTTL),
  ]
  for (const wrong of bad) {
    for (const at of [0, 2, 4]) {
      await a.ask(multi(...good.slice(0, at), wrong, ...good.slice(at)))
    }
    await a.ask(exists('/f'))
  }
  await a.all(multi(bad[0]!, bad[1]!), multi(good[0]!, bad[3]!, bad[4]!, good[1]!), children2('/f'))
  await a.pipeline(multi(good[0]!, bad[0]!), exists('/f/1'), create('/f/s-', { mode: 2 }))
  await a.pipeline(
    create('/f/p'),
    multi(part.delete('/f/p'), bad[0]!),
    exists('/f/p'),
    remove('/f/p'),
  )
  await a.pipeline(
    set('/f', 'k'),
    multi(part.set('/f', 'l'), bad[0]!),
    set('/f', 'm', 2),
    get('/f'),
  )
}

/** Parts that a multi must not have, and bodies cut or mixed. */
const malformed: Script = async (world) => {
  for (const type of [
    OpCode.getData,
    OpCode.getChildren,
    OpCode.exists,
    OpCode.setACL,
    0,
    99,
    -1,
  ]) {
    const link = await world.open(`type${type}`)
    await link.all(create(`/mm${type}`))
    await link.all(
      request(OpCode.multi, `with a part of type ${type}`, (writer) => {
        header(writer, 1, false)
        writeCreateOf(writer, `/mm${type}/x`)
        header(writer, type, false)
        writer.string('/')
        writer.bool(false)
        header(writer, -1, true)
      }),
      exists(`/mm${type}/x`),
    )
  }
  const b = await world.open('b')
  await b.ask(request(OpCode.multi, 'without an end', (writer) => header(writer, 1, false)))
  const c = await world.open('c')
  await c.ask(request(OpCode.multi, 'of nothing', () => {}))
  const d = await world.open('d')
  await d.ask(
    request(OpCode.multi, 'with a longer end', (writer) => {
      header(writer, -1, true)
      writer.int(5)
    }),
  )
}

const readingMany: Script = async (world) => {
  const a = await world.open('a')
  await a.all(create('/v'), create('/v/a', { data: null }), create('/v/b', { data: '' }))
  await a.all(create('/v/hidden', { acl: [acl(30, 'world', 'anyone')] }), multiRead())
  await a.all(multiRead(part.get('/v'), part.children('/v'), part.get('/v/a'), part.get('/v/b')))
  await a.all(multiRead(part.get('/none'), part.children('/none'), part.get('/v')))
  await a.all(multiRead(part.get('/v/hidden'), part.children('/v/hidden'), part.children('/')))
  await a.all(multiRead(part.get(''), part.children('')), multiRead(part.get('/v/')))
  await a.pipeline(
    set('/v', '1'),
    multiRead(part.get('/v')),
    set('/v', '2'),
    multiRead(part.get('/v')),
  )
  for (const type of [OpCode.exists, OpCode.create, OpCode.delete, OpCode.check, OpCode.getACL]) {
    const link = await world.open(`read${type}`)
    await link.ask(
      request(OpCode.multiRead, `with a part of type ${type}`, (writer) => {
        header(writer, OpCode.getData, false)
        writer.string('/v')
        writer.bool(false)
        header(writer, type, false)
        writer.string('/v')
        writer.int(-1)
        header(writer, -1, true)
      }),
    )
  }
}

function header(
  writer: { int(v: number): void; bool(v: boolean): void },
  type: number,
  done: boolean,
) {
  writer.int(type)
  writer.bool(done)
  writer.int(-1)
}

function writeCreateOf(writer: { raw(b: Uint8Array, s: number, e: number): void }, path: string) {
  const { body } = create(path)
  writer.raw(body, 0, body.length)
}

export const MULTI_SCRIPTS: Readonly<Record<string, Script>> = {
  succeeding,
  failing,
  malformed,
  readingMany,
}
