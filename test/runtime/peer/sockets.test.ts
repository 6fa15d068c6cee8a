// A member's sockets: what its settings come to in the links that are made from them.

import { deepStrictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { configurationFrom } from '../../../config/zoo-cfg.ts'
import { peerSockets } from '../../../runtime/peer/sockets.ts'
import { TCP } from '../../../runtime/peer/transport.ts'
import { SystemClock } from '../../../runtime/shared/clock.ts'

const CONFIG =
  'dataDir=/d\nclientPort=2181\ntickTime=1000\ninitLimit=10\nsyncLimit=5\n' +
  'server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\n'
const LIMITS = { learnersMax: 8, strangersMax: 8, handshakesMax: 8 }

/** For how long a learner with this setting tries to connect to its leader, and where. */
function dialled(setting: string): { timeoutMs: number; hosts: string[] } {
  const { options } = configurationFrom({ path: 'zoo.cfg', text: CONFIG + setting }, [], () => '1')
  const none = (): void => undefined
  const hooks = { limits: LIMITS, clock: new SystemClock(), wake: none, bindFailed: none }
  let found = { timeoutMs: 0, hosts: [] as string[] }
  const sockets = peerSockets(
    options,
    { ...hooks, failed: none },
    {
      ...TCP,
      dial: (addresses, timeoutMs) => {
        found = { timeoutMs, hosts: addresses.map(({ host }) => host) }
        return none
      },
    },
  )
  const heard = {
    linkOpened: none,
    linkClosed: none,
    linkReady: none,
    packet: none,
    progress: none,
    snapshotPiece: none,
    snapshotEnd: none,
    malformed: none,
  }
  const links = sockets.learnerLinks(heard)
  links.connect(3)
  links.shutdown()
  return found
}

test('a connection to the leader may take connectToLearnerMasterLimit ticks', () => {
  deepStrictEqual(dialled('connectToLearnerMasterLimit=3\n'), { timeoutMs: 3000, hosts: ['c'] })
})

test('or initLimit ticks, where that is not set or 0', () => {
  deepStrictEqual(dialled(''), { timeoutMs: 10_000, hosts: ['c'] })
  deepStrictEqual(dialled('connectToLearnerMasterLimit=0\n'), { timeoutMs: 10_000, hosts: ['c'] })
})
