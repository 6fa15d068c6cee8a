// Mutated and random frames: the server answers, refuses or closes, but never fails, and an honest
// client is served on. HOSTILE_SEED replays the frames.

import { randomInt } from 'node:crypto'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import {
  addWatch,
  auth,
  children2,
  create,
  exists,
  get,
  getAcl,
  multi,
  multiRead,
  part,
  type Request,
  remove,
  removeWatches,
  set,
  setAcl,
  setWatches,
  WORLD,
} from '../compat/differential/requests.ts'
import { OwnServer } from '../support/own-server.ts'
import { type Random, seeded } from '../support/random.ts'
import { until } from '../support/until.ts'
import { Canary, framed, rawSocket, requestFrame, sessionSocket } from './hostile.ts'

const { HOSTILE_SEED, HOSTILE_FRAMES } = process.env
const SEED = Number(HOSTILE_SEED ?? randomInt(2 ** 31))
const FRAMES = Number(HOSTILE_FRAMES ?? 10_000)
const FIRST_FRAMES = FRAMES / 10
const SOCKETS = 16
const WAIT_MS = 60_000

const HONEST: readonly Request[] = [
  create('/h', { data: 'some data', mode: 2 }),
  create('/h/x', {}, 15),
  create('/h/c', { mode: 4 }, 19),
  create('/h/t', { mode: 5, ttlMs: 9999 }, 21),
  remove('/h/x', 3),
  set('/h', 'other data'),
  exists('/h', 'watch'),
  get('/h', 'watch'),
  children2('/', 'watch'),
  getAcl('/h'),
  setAcl('/h', WORLD),
  multi(part.create('/h/m'), part.set('/h', '2'), part.check('/h', 1), part.delete('/h/m')),
  multiRead(part.get('/h'), part.children('/')),
  addWatch('/h', 1),
  removeWatches('/h', 3),
  setWatches(5n, { data: ['/h'], exist: ['/i'], child: ['/'], persistent: ['/h'] }, 105),
  auth('digest', 'u:p'),
]
const EXTREMES = [0, 1, -1, -2, 0x7fff_ffff, -0x8000_0000, 0xffff, 0xf_ffff, 255]

test(`${FRAMES} mutated frames, HOSTILE_SEED=${SEED}`, async (t) => {
  const random = seeded(SEED)
  const server = await OwnServer.start({ extendedTypes: true, maxClientCnxns: 0 })
  const canary = await Canary.start(server.address)
  const sockets: Socket[] = []
  let sent = 0
  let opened = 0
  while (sent < FRAMES) {
    const at = random(SOCKETS)
    let socket = sockets[at]
    if (socket === undefined || socket.destroyed || socket.writableEnded) {
      socket = await sessionSocket(server.port)
      socket.resume()
      sockets[at] = socket
      opened++
    }
    for (let burst = 1 + random(20); burst > 0; burst--) {
      socket.write(mutated(random))
      sent++
    }
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  await served(canary)
  for (const socket of sockets) socket?.destroy()
  await gone(server)
  await canary.stop()
  t.diagnostic(`${opened} connections, ${counts(server)}, canary ${canary.slowestMs.toFixed()} ms`)
  await server.stop()
})

test(`${FIRST_FRAMES} random first frames, HOSTILE_SEED=${SEED}`, async (t) => {
  const random = seeded(SEED)
  const server = await OwnServer.start({ maxClientCnxns: 0, sessionlessCnxnTimeoutMs: 500 })
  const canary = await Canary.start(server.address)
  const texts = [
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01',
    'ruok',
    'SSH-2.0-x\r\n',
  ]
  for (let sent = 0; sent < FIRST_FRAMES; sent++) {
    const socket = await rawSocket(server.port)
    const kind = random(4)
    if (kind === 0) socket.write(texts[random(texts.length)]!, 'latin1')
    else if (kind === 1) socket.write(randomBytes(random, 1 + random(200)))
    else socket.write(framed(randomBytes(random, random(64))))
    socket.resume()
  }
  await served(canary)
  // Those that were mistaken for a handshake may have a session; the others end by themselves.
  await until('every connection without a session is closed', WAIT_MS, () => {
    for (const { state } of server.server.network.connections()) if (state === 'new') return false
    return true
  })
  await canary.stop()
  t.diagnostic(`${counts(server)}, canary ${canary.slowestMs.toFixed()} ms`)
  await server.stop()
})

async function served(canary: Canary): Promise<void> {
  const before = canary.served
  await until('the canary is served again', WAIT_MS, () => canary.served > before + 2)
}

async function gone(server: OwnServer): Promise<void> {
  const { network } = server.server
  await until('only the canary is left', WAIT_MS, () => network.connectionCount === 1)
}

function counts(server: OwnServer): string {
  return JSON.stringify(Object.fromEntries(server.server.network.refusals.counts()))
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)))
}

/** An honest frame with bits flipped, numbers replaced, cut, or longer; its length may lie. */
function mutated(random: Random): Buffer {
  const honest = HONEST[random(HONEST.length)]!
  const type = random(8) === 0 ? random(130) - 15 : honest.type
  let frame = requestFrame(random(1000) + 1, type, honest.body)
  for (let times = random(4); times > 0; times--) {
    const at = 4 + random(frame.length - 4)
    const kind = random(5)
    if (kind === 0) frame[at] = frame[at]! ^ (1 << random(8))
    if (kind === 1 && at + 4 <= frame.length) {
      frame.writeInt32BE(EXTREMES[random(EXTREMES.length)]! | 0, at)
    }
    if (kind === 2) frame = framed(frame.subarray(4, at))
    if (kind === 3) frame = framed(Buffer.concat([frame.subarray(4), randomBytes(random, 9)]))
    if (kind === 4 && random(20) === 0) frame.writeInt32BE(EXTREMES[random(9)]! | 0, 0)
  }
  return frame
}
