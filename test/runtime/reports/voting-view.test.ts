// The members as the admin server shows them.

import { deepStrictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { configurationFrom } from '../../../config/zoo-cfg.ts'
import { votingView } from '../../../runtime/reports/voting-view.ts'
import { fakeSource } from './fake-source.ts'

test('members by id, with all their addresses', () => {
  const text =
    'dataDir=/nowhere\ninitLimit=10\nsyncLimit=5\nclientPort=2181\nmultiAddress.enabled=true\n' +
    'server.1=a:2888:3888;2181\nserver.2=[::1]:2888:3888;[::1]:2181\n' +
    'server.10=c:2888:3888|d:2889:3889:observer\nserver.3=e:2888:3888\n'
  const { options } = configurationFrom({ path: 'zoo.cfg', text }, [], () => '1')
  const voter = { learner_type: 'participant' }
  deepStrictEqual(Object.entries(votingView(fakeSource({}, options)).current_config), [
    [
      '1',
      {
        server_addresses: ['a:2888'],
        election_addresses: ['a:3888'],
        client_address: '0.0.0.0:2181',
        ...voter,
      },
    ],
    [
      '2',
      {
        server_addresses: ['[::1]:2888'],
        election_addresses: ['[::1]:3888'],
        client_address: '[::1]:2181',
        ...voter,
      },
    ],
    [
      '3',
      {
        server_addresses: ['e:2888'],
        election_addresses: ['e:3888'],
        client_address: '',
        ...voter,
      },
    ],
    [
      '10',
      {
        server_addresses: ['c:2888', 'd:2889'],
        election_addresses: ['c:3888', 'd:3889'],
        client_address: '',
        learner_type: 'observer',
      },
    ],
  ])
})

test('none alone', () => deepStrictEqual(votingView(fakeSource()), { current_config: {} }))
