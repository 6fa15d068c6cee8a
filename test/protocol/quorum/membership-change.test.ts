// What a reconfig request makes of a configuration, and what it is refused for.

import { strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { changed } from '../../../protocol/quorum/membership-change.ts'
import { membershipText, readMembership } from '../../../protocol/quorum/membership-config.ts'
import type { ReconfigRequest } from '../../../protocol/records/reconfig.ts'

const THREE = readMembership(
  'server.1=a:1:2:participant;a:3\nserver.2=b:1:2:participant;b:3\n' +
    'server.3=c:1:2:observer;c:3\nversion=1',
)
const ASK: ReconfigRequest = {
  joiningServers: null,
  leavingServers: null,
  newMembers: null,
  curConfigId: -1,
}
const OPTIONS = { standaloneEnabled: true, multiAddressEnabled: false }
const { badArguments, marshallingError } = ErrorCode

function outcome(request: Partial<ReconfigRequest>, options = OPTIONS, from = THREE): string {
  const next = changed(from, { ...ASK, ...request }, options)
  return typeof next === 'number' ? String(next) : membershipText(next)
}

function refused(what: string, error: ErrorCode, request: Partial<ReconfigRequest>): void {
  test(`${what}: ${error}`, () => strictEqual(outcome(request), String(error)))
}

describe('an incremental change', () => {
  test('adds, replaces and removes', () => {
    const joiningServers = ' server.4 = d:1:2;d:3 , server.3=c:1:2;c:9'
    strictEqual(
      outcome({ joiningServers, leavingServers: '1,7,' }),
      'server.2=b:1:2:participant;b:3\nserver.3=c:1:2:participant;c:9\n' +
        'server.4=d:1:2:participant;d:3\nversion=1',
    )
  })

  refused('an id that is no number', marshallingError, { leavingServers: 'one' })
  refused('a server without its clients’ port', badArguments, { joiningServers: 'server.4=d:1:2' })
  refused('a server without a specification', badArguments, { joiningServers: 'server.4' })
  refused('a server that is no server', marshallingError, { joiningServers: 'server.x=d:1:2;d:3' })
  refused('nonsense for addresses', badArguments, { joiningServers: 'server.4=d;d:3' })
  refused('another’s address', badArguments, { joiningServers: 'server.4=b:7:1;d:3' })
  refused('two addresses', badArguments, { joiningServers: 'server.4=d:1:2|e:1:2;d:3' })
  refused('one participant left', badArguments, { leavingServers: '1' })

  test('the loopback and the wildcard are each server’s own', () => {
    const joiningServers = 'server.4=localhost:1:2;0.0.0.0:3,server.5=localhost:1:2;0.0.0.0:3'
    strictEqual(outcome({ joiningServers }).includes('server.5=localhost:1:2'), true)
  })

  test('without standaloneEnabled one participant is enough, and none is not', () => {
    const options = { ...OPTIONS, standaloneEnabled: false }
    strictEqual(outcome({ leavingServers: '1' }, options).startsWith('server.2='), true)
    strictEqual(outcome({ leavingServers: '1,2' }, options), String(badArguments))
  })

  test('of groups is refused: nobody would know what the new ones weigh', () => {
    const grouped = readMembership(`${membershipText(THREE)}\ngroup.1=1:2\nweight.1=1`)
    strictEqual(outcome({ leavingServers: '3' }, OPTIONS, grouped), String(badArguments))
  })
})

describe('a whole configuration', () => {
  test('comes in lines or between commas, and needs no clients’ ports', () => {
    strictEqual(
      outcome({ newMembers: 'server.5=e:1:2,server.6=f:1:2:participant;3\nversion=99' }),
      'server.5=e:1:2:participant\nserver.6=f:1:2:participant;0.0.0.0:3\nversion=1',
    )
  })

  test('may have groups and weights', () => {
    const newMembers = 'server.5=e:1:2,server.6=f:1:2,group.1=5,group.2=6,weight.5=2'
    strictEqual(outcome({ newMembers }).includes('weight.5=2'), true)
  })

  refused('another key', badArguments, { newMembers: 'server.5=e:1:2,server.6=f:1:2,tickTime=1' })
  refused('no participant', marshallingError, { newMembers: 'server.5=e:1:2:observer' })
  refused('a participant in no group', badArguments, {
    newMembers: 'server.5=e:1:2,server.6=f:1:2,group.1=5',
  })
  refused('nothing', badArguments, { newMembers: '' })
})
