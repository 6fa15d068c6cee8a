// Scripts about containers, TTL nodes (with extended types on) and quotas (enforced or not).

import { OpCode } from '../../../protocol/op-code.ts'
import {
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
  remove,
  set,
  ttl,
} from './requests.ts'
import type { Link, Script } from './world.ts'

const { createContainer, createTTL } = OpCode

const ttls: Script = async (world) => {
  const a = await world.open('a')
  await a.ask(create('/t'))
  for (const ms of [1, 500_000, 2 ** 40 - 1, 2 ** 40, 0, -1, -7, Number.MAX_SAFE_INTEGER]) {
    for (const mode of [5, 6]) await a.all(ttl(`/t/${mode}of${ms}-`, ms, { mode }))
  }
  for (const mode of [0, 1, 2, 3, 4, 7]) {
    await a.ask(ttl(`/t/other${mode}`, 9000, { mode }))
    await a.all(create(`/t/plain${mode}`, { mode }), create2(`/t/two${mode}`, { mode }))
    await a.all(container(`/t/container${mode}`, { mode }))
  }
  for (const mode of [5, 6]) {
    await a.all(create(`/t/m${mode}`, { mode }), create2(`/t/n${mode}`, { mode }))
    await a.all(container(`/t/o${mode}`, { mode }))
  }
  const path = '/t/lasting'
  await a.all(ttl(path, 3_000_000), exists(path), get(path), create(`${path}/child`), exists(path))
  await a.all(set(path, 'y'), remove(path), remove(`${path}/child`), exists(path), getAcl(path))
  await a.all(ephemeral(`${path}/e`), container(`${path}/c`), ttl(`${path}/t`, 99), children2(path))
  await a.all(multi(part.create(`${path}/m`, { mode: 5, ttlMs: 4_000_000 }, createTTL)))
  await a.all(
    multi(part.create(`${path}/m2`, { mode: 5, ttlMs: 0 }, createTTL)),
    exists(`${path}/m`),
  )
  await a.all(multi(part.create(`${path}/s-`, { mode: 6, ttlMs: 5_000_000 }, createTTL)))
  await a.all(
    children2(path),
    ttl('/t/none/x', 5),
    ttl('/t', 5),
    ttl('/t/../x', 5),
    ttl('/t/e', 5, { acl: [] }),
  )
}

const containers: Script = async (world) => {
  const a = await world.open('a')
  await a.all(
    container('/c'),
    exists('/c'),
    create('/c/x'),
    exists('/c'),
    remove('/c'),
    remove('/c/x'),
  )
  await a.all(
    exists('/c'),
    get('/c'),
    set('/c', 'y'),
    ephemeral('/c/e'),
    container('/c/c'),
    children2('/c'),
  )
  for (const type of [OpCode.create, createContainer]) {
    for (const mode of [4, 1, 2, 3]) {
      const path = `/c/multi${type}-${mode}`
      await a.all(multi(part.create(path, { mode }, type)), exists(path), children2('/c'))
    }
  }
  await a.all(
    container('/c', { acl: [] }),
    container('/none/c'),
    container('/c/e/x'),
    container('relative'),
  )
}

function limits(text: string, path: string): ReturnType<typeof create>[] {
  const node = `/zookeeper/quota${path}`
  return [
    create(node),
    create(`${node}/zookeeper_limits`, { data: text }),
    create(`${node}/zookeeper_stats`, { data: 'count=0,bytes=0' }),
    get(`${node}/zookeeper_limits`),
    get(`${node}/zookeeper_stats`),
  ]
}

async function used(link: Link, path: string): Promise<void> {
  await link.ask(get(`/zookeeper/quota${path}/zookeeper_stats`))
}

/** Each limit, and the operations that count against it. */
const quotas: Script = async (world) => {
  const a = await world.open('a')
  const texts = [
    'count=4,bytes=-1',
    'count=-1,bytes=20',
    'count=3,bytes=10',
    'count=-1,bytes=-1=;byteHardLimit=20;countHardLimit=-1',
    'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=4',
    'count=2,bytes=5=;byteHardLimit=12;countHardLimit=3',
    'count=-1,bytes=-1;byteHardLimit=20;countHardLimit=4',
    '',
    'countHardLimit=2',
    'count=1;bytes=1',
  ]
  for (const [i, text] of texts.entries()) {
    const path = `/quota${i}`
    await a.all(
      create(path, { data: '1234' }),
      create(`${path}/old`, { data: '56' }),
      ...limits(text, path),
    )
    await a.all(create(`${path}/a`, { data: '1' }), create(`${path}/b`, { data: '12345678' }))
    await used(a, path)
    await a.all(create(`${path}/c`, { data: null }), create(`${path}/d`, { data: '' }))
    await used(a, path)
    await a.all(
      set(path, '12'),
      set(path, '123456789012345678'),
      set(`${path}/a`, null),
      set(path, ''),
    )
    await used(a, path)
    await a.all(remove(`${path}/b`), ephemeral(`${path}/e`), create(`${path}/s-`, { mode: 2 }))
    await used(a, path)
    await a.all(
      create(`${path}/old/er`, { data: 'x' }),
      set(`${path}/old/er`, 'y'),
      container(`${path}/k`),
    )
    await used(a, path)
    await a.all(
      multi(part.create(`${path}/m1`), part.create(`${path}/m2`), part.create(`${path}/m3`)),
    )
    await a.all(
      multi(part.set(path, 'longer than it was'), part.delete(`${path}/a`)),
      children2(path),
    )
    await used(a, path)
    await a.all(remove(`${path}/old`), set(path, 'x', 99), set(`${path}/none`, 'x'), set(path, 'z'))
    await used(a, path)
  }
}

/** A limit that says nothing is none here; there nothing can be changed below it any more. */
const quotaRubbish: Script = async (world) => {
  const a = await world.open('a')
  for (const text of ['rubbish', 'count=x,bytes=y']) {
    const path = `/rubbish-${text}`
    await a.all(create(path), ...limits(text, path), create(`${path}/a`))
    await a.ask(set(path, 'x'))
  }
}

const quotaNodes: Script = async (world) => {
  const a = await world.open('a')
  await a.all(create('/qn'), create('/qn/in'), create('/qn/in/ner'), create('/zookeeper/quota/qn'))
  await a.all(create('/zookeeper/quota/qn/zookeeper_stats', { data: 'count=0,bytes=0' }))
  await used(a, '/qn')
  await a.all(create('/qn/x'))
  await used(a, '/qn')
  await a.all(
    create('/zookeeper/quota/qn/zookeeper_limits', { data: 'count=2,bytes=3' }),
    create('/qn/y'),
  )
  await used(a, '/qn')
  await a.all(
    create('/zookeeper/quota/qn/in'),
    create('/zookeeper/quota/qn/in/zookeeper_limits', { data: 'count=1' }),
  )
  await a.all(create('/zookeeper/quota/qn/in/zookeeper_stats'), create('/qn/in/side'))
  await used(a, '/qn')
  await used(a, '/qn/in')
  await a.all(remove('/zookeeper/quota/qn/zookeeper_limits'), create('/qn/z'))
  await used(a, '/qn')
  await a.all(set('/zookeeper/quota/qn/in/zookeeper_limits', 'count=-1,bytes=-1=;countHardLimit=1'))
  await a.all(create('/qn/in/more'), set('/qn/in', 'more'), remove('/qn/in/side'))
  await used(a, '/qn/in')
  await a.all(
    remove('/zookeeper/quota/qn/in/zookeeper_stats'),
    create('/qn/in/more2'),
    remove('/qn/in/more2'),
  )
  await a.all(
    create('/zookeeper/quota/none'),
    create('/zookeeper/quota/none/zookeeper_limits', { data: 'count=1' }),
  )
  await a.all(
    create('/zookeeper/quota/none/zookeeper_stats'),
    create('/none'),
    create('/none/x'),
    create('/none/y'),
  )
  await used(a, '/none')
  await a.all(remove('/none/x'), remove('/none/y'), remove('/none'))
  await used(a, '/none')
  await a.all(onPath(OpCode.getAllChildrenNumber, '/zookeeper'), exists('/zookeeper/quota'))
  await a.all(children2('/zookeeper/quota/qn'), get('/zookeeper/quota/qn'))
}

export const TYPE_SCRIPTS: Readonly<Record<string, Script>> = {
  ttls,
  containers,
  quotas,
  quotaNodes,
  quotaRubbish,
}

/** Those that need nothing switched on. */
export const LIMIT_SCRIPTS: Readonly<Record<string, Script>> = { quotas }
