// Quorum SASL on sockets, over loopback: who gets a link, what strangers get, and how many may wait.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import type { QuorumAuthOptions } from '../../../config/settings/quorum-auth.ts'
import { DigestMd5Client } from '../../../protocol/sasl/digest-md5-client.ts'
import { QUORUM_SERVICE } from '../../../protocol/sasl/digest-md5-server.ts'
import { QuorumAuthLearner } from '../../../protocol/sasl/quorum-auth.ts'
import { authenticated, PeerAuth } from '../../../runtime/peer/peer-auth.ts'
import { TCP } from '../../../runtime/peer/transport.ts'
import { md5 } from '../../../runtime/process/md5.ts'
import { until, within } from '../../support/until.ts'
import { BOUND_MS, Elector, frame, membersOf } from './election-fixture.ts'

const HOST = '127.0.0.1'
const running: { close(): void }[] = []

afterEach(() => {
  for (const one of running.splice(0)) one.close()
})

function auth(
  { password = 'members', learnerRequires = true, serverRequires = true } = {},
  said: string[] = [],
): PeerAuth {
  const options: QuorumAuthOptions = {
    server: { users: new Map([['member', 'members']]) },
    learner: { user: 'member', password },
    learnerRequires,
    serverRequires,
  }
  return new PeerAuth(options, null, {
    transport: TCP,
    timeoutMs: BOUND_MS,
    unproven: (event, _address, problem) => said.push(`${event}: ${problem}`),
  })
}

describe('members that elect', () => {
  async function pair(one: PeerAuth | null, two: PeerAuth | null): Promise<[Elector, Elector]> {
    const members = membersOf(1, 2)
    const both = [
      await Elector.start(1, members, { auth: one }),
      await Elector.start(2, members, { auth: two }),
    ] as const
    for (const { peers } of both) running.push(peers)
    return [...both]
  }

  for (const dials of [0, 1]) {
    test(`have a link after their proofs, whoever dials (${dials + 1})`, async () => {
      const both = await pair(auth(), auth())
      both[dials]!.peers.dial()
      await until('both are linked', BOUND_MS, () => both.every(({ linked }) => linked.size === 1))
      both[0].say(2, 'from one')
      both[1].say(1, 'from two')
      const heard = (): string => JSON.stringify(both.map((one) => one.heard))
      await until('both are heard', BOUND_MS, () => heard() === '[["2: from two"],["1: from one"]]')
    })
  }

  test('have none with a wrong password', async () => {
    const said: string[] = []
    const [one, two] = await pair(auth({}, said), auth({ password: 'guessed' }))
    two.peers.dial()
    await until('it is refused', BOUND_MS, () => said.length > 0)
    strictEqual(said[0], 'peer-refused: wrong user or password: "member"')
    deepStrictEqual([one.linked.size, two.linked.size], [0, 0])
  })

  test('go on while some of them do not authenticate yet', async () => {
    const said: string[] = []
    const [one, two] = await pair(
      auth({ serverRequires: false }, said),
      auth({ learnerRequires: false, serverRequires: false }),
    )
    two.peers.dial()
    one.peers.dial()
    two.say(1, 'a vote')
    await until('the vote is heard', BOUND_MS, () => one.heard.join() === '2: a vote')
    match(said.join(), /^peer-let-in-unproven: it did not authenticate/)
  })

  test('hear nothing of a stranger', async () => {
    const said: string[] = []
    const [one] = await pair(auth({}, said), auth())
    const stranger = await one.connection()
    stranger.introduce(2)
    stranger.socket.write(frame('a vote of nobody'))
    await until('he is sent away', BOUND_MS, () => stranger.closed)
    deepStrictEqual([one.heard, said], [[], ['peer-refused: it did not authenticate']])
  })
})

describe('the quorum port', () => {
  async function port(proof: PeerAuth, waitingMax = 8): Promise<{ port: number; heard: string[] }> {
    const heard: string[] = []
    const listener = authenticated(TCP, proof, waitingMax).listener(
      { host: HOST, port: 0 },
      { tries: 1, delayMs: 1 },
      {
        accept: (socket) => {
          heard.push('')
          socket.on('data', (chunk) => {
            heard[heard.length - 1] += chunk.toString()
          })
        },
        bindFailed: () => {},
      },
    )
    running.push(listener)
    await listener.open()
    return { port: listener.port, heard }
  }

  async function dialled(to: number): Promise<Socket> {
    const socket = createConnection(to, HOST)
    socket.on('error', () => {})
    running.push({ close: () => socket.destroy() })
    await within('a connection', BOUND_MS, once(socket, 'connect'))
    return socket
  }

  test('hands on what came with the last packet', async () => {
    const { port: to, heard } = await port(auth())
    const socket = await dialled(to)
    const user = { user: 'member', password: 'members' }
    const learner = new QuorumAuthLearner(new DigestMd5Client(QUORUM_SERVICE, user, 'c', md5))
    socket.write(learner.begin())
    const [challenge] = await within('a challenge', BOUND_MS, once(socket, 'data'))
    const { send } = learner.take(new Uint8Array(challenge), 0, challenge.length)
    socket.write(Buffer.concat([send ?? Buffer.alloc(0), Buffer.from('and more')]))
    await until('it is heard', BOUND_MS, () => heard[0] === 'and more')
  })

  test('hands on the first bytes of who need not authenticate', async () => {
    const { port: to, heard } = await port(auth({ serverRequires: false }))
    const socket = await dialled(to)
    socket.write('a first packet')
    await until('it is heard', BOUND_MS, () => heard[0] === 'a first packet')
  })

  test('lets so many wait for their proof, and drops the oldest for another', async () => {
    const { port: to, heard } = await port(auth(), 2)
    const closed: number[] = []
    for (let i = 0; i < 5; i++) {
      const socket = await dialled(to)
      socket.on('close', () => closed.push(i))
      socket.resume()
    }
    await until('three are gone', BOUND_MS, () => closed.length === 3)
    deepStrictEqual([closed.sort(), heard], [[0, 1, 2], []])
  })

  test('is dialled by nobody who cannot prove himself', async () => {
    const { port: to } = await port(auth())
    const results: (Socket | null)[] = []
    const transport = authenticated(TCP, auth({ password: 'guessed' }), 1)
    transport.dial([{ host: HOST, port: to }], BOUND_MS, (socket) => results.push(socket))
    await until('the attempt ends', BOUND_MS, () => results.length === 1)
    ok(results[0] === null)
  })
})
