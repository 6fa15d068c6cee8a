// Scripts about handshakes and sessions.

import { passwordOf, sessionIdOf } from '../../../protocol/session-id.ts'
import { children2, closeSession, create, ephemeral, exists, get, ping, set } from './requests.ts'
import type { Script, World } from './world.ts'

const AHEAD = 1n << 40n

function passwordFor(id: bigint): Uint8Array {
  return passwordOf(sessionIdOf(id))
}

const timeouts: Script = async (world) => {
  for (const timeoutMs of [
    0,
    1,
    -1,
    3999,
    4000,
    4001,
    30_000,
    600_000,
    600_001,
    2 ** 31 - 1,
    -(2 ** 31),
  ]) {
    const link = await world.open(`t${timeoutMs}`, { timeoutMs })
    await link.end()
  }
}

const forms: Script = async (world) => {
  for (const readOnly of [null, false, true]) {
    for (const protocolVersion of [0, 1, -1, 0x7fff_ffff]) {
      const link = await world.open(`form${readOnly}`, { readOnly, protocolVersion })
      await link.ask(ping)
    }
  }
  for (const password of [null, new Uint8Array(0), new Uint8Array(5), new Uint8Array(100)]) {
    for (const readOnly of [null, false]) {
      const link = await world.open(`password${password?.length}`, { password, readOnly })
      await link.ask(exists('/zookeeper'))
    }
  }
  for (const lastZxidSeen of [-1n, -5n, -(2n ** 63n), 0n, 1n]) {
    const link = await world.open('seen', { lastZxidSeen })
    if (link.sessionId !== 0n) await link.ask(ping)
  }
  for (const lastZxidSeen of [AHEAD, 2n ** 52n, 2n ** 53n, 2n ** 63n - 1n]) {
    const link = await world.connect('ahead')
    await link.handshake({ lastZxidSeen })
  }
}

const renewing: Script = async (world) => {
  const a = await world.open('a')
  const sessionId = a.sessionId
  const password = passwordFor(sessionId)
  await a.all(create('/s'), ephemeral('/s/e'), get('/s/e', 'watch'))
  const b = await renew(world, 'b', { sessionId, password })
  await a.closing()
  await b.all(exists('/s/e'), set('/s/e', 'x'), children2('/s'))
  for (const wrong of [
    null,
    new Uint8Array(0),
    new Uint8Array(16),
    new Uint8Array(17),
    password.slice(1),
  ]) {
    const c = await renew(world, 'c', { sessionId: sessionId + 999n, password: wrong })
    await c.closing()
  }
  const d = await renew(world, 'd', {
    sessionId: sessionId + 999n,
    password: passwordFor(sessionId + 999n),
  })
  await d.closing()
  const e = await renew(world, 'e', { sessionId, password, readOnly: null, timeoutMs: 5000 })
  await b.closing()
  await e.all(exists('/s/e'), closeSession)
  await e.closing()
  const f = await renew(world, 'f', { sessionId, password })
  await f.closing()
  const g = await world.open('g')
  await g.all(children2('/s'), exists('/s/e'))
}

const renewingAhead: Script = async (world) => {
  const a = await world.open('a')
  const sessionId = a.sessionId
  a.drop()
  const b = await renew(world, 'b', {
    sessionId,
    password: passwordFor(sessionId),
    lastZxidSeen: AHEAD,
  })
  await b.closing()
  const c = await renew(world, 'c', {
    sessionId,
    password: passwordFor(sessionId),
    lastZxidSeen: a.zxid,
  })
  await c.ask(ping)
}

async function renew(world: World, name: string, handshake: object) {
  const link = await world.connect(name)
  await link.handshake(handshake)
  return link
}

/** Bodies of a first frame that are none. */
const rubbish: Script = async (world) => {
  const whole = Buffer.alloc(45)
  whole.writeInt32BE(10_000, 12)
  whole.writeInt32BE(16, 24)
  for (const length of [0, 1, 4, 8, 16, 24, 27, 28, 30, 43]) {
    const link = await world.connect(`cut${length}`)
    await link.raw(`a frame of ${length}`, framed(whole.subarray(0, length)))
  }
  for (const length of [-1, -(2 ** 31), 0x10_0000, 2 ** 31 - 1]) {
    const link = await world.connect(`length${length}`)
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(length)
    await link.raw(`a length of ${length}`, prefix)
  }
  for (const length of [-2, -100, 17, 1 << 20, 2 ** 31 - 1]) {
    const link = await world.connect(`password${length}`)
    const bad = Buffer.from(whole)
    bad.writeInt32BE(length, 24)
    await link.raw(`a password of ${length}`, framed(bad))
  }
}

function framed(body: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(4)
  prefix.writeInt32BE(body.length)
  return Buffer.concat([prefix, body])
}

/** After a handshake: a length that is none closes the connection, its session lives on. */
const lengths: Script = async (world) => {
  for (const length of [-1, 0x10_0000, 0, 4, 7]) {
    const link = await world.open(`length${length}`)
    await link.ask(ephemeral(`/length${length}`))
    const bytes = Buffer.alloc(4 + Math.min(Math.max(length, 0), 8))
    bytes.writeInt32BE(length)
    await link.raw(`a length of ${length}`, bytes)
    const again = await renew(world, 'again', {
      sessionId: link.sessionId,
      password: passwordFor(link.sessionId),
    })
    await again.ask(exists(`/length${length}`))
  }
}

const closing: Script = async (world) => {
  const [a, b] = [await world.open('a'), await world.open('b')]
  await a.all(create('/cl'), ephemeral('/cl/e'))
  await a.pipeline(ephemeral('/cl/f'), closeSession)
  await a.closing()
  await b.all(children2('/cl'), exists('/cl/e'), exists('/cl/f'))
  const c = await world.open('c')
  // What follows a close in the same breath is not compared: Apache answers it, or not, by chance.
  await c.pipeline(closeSession)
  await c.closing()
  await b.all(children2('/cl'))
}

const expiring: Script = async (world) => {
  const [a, b] = [await world.open('a', { timeoutMs: 4000 }), await world.open('b')]
  await a.all(create('/ex'), ephemeral('/ex/e'))
  await b.all(exists('/ex/e', 'watch'))
  a.drop()
  await b.closing()
  await b.all(exists('/ex/e'), children2('/ex'))
  const c = await renew(world, 'c', { sessionId: a.sessionId, password: passwordFor(a.sessionId) })
  await c.closing()
}

export const SESSION_SCRIPTS: Readonly<Record<string, Script>> = {
  timeouts,
  forms,
  renewing,
  renewingAhead,
  rubbish,
  lengths,
  closing,
  expiring,
}
