// One look-up of a name at a time, whoever asks.

import { deepStrictEqual } from 'node:assert/strict'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { after, before, mock, test } from 'node:test'
import { sharedLookup } from '../../../runtime/peer/lookup.ts'

type Answer = (error: Error | null, address: string, family: number) => void

const asked: [name: string, answer: Answer][] = []

before(() => {
  mock.method(dns, 'lookup', (name: string, _options: object, answer: Answer) => {
    asked.push([name, answer])
  })
  syncBuiltinESMExports()
})
after(() => {
  mock.restoreAll()
  syncBuiltinESMExports()
})

test('who asks while a name server is silent waits with the first', () => {
  const heard: string[] = []
  const ask = (name: string, who: string): void => {
    sharedLookup(name, {}, (error, address) => heard.push(`${who} ${error?.message ?? address}`))
  }
  for (let i = 0; i < 100; i++) ask('a', `${i}`)
  ask('b', 'other')
  deepStrictEqual(
    asked.map(([name]) => name),
    ['a', 'b'],
  )
  asked[1]?.[1](null, '::1', 6)
  deepStrictEqual(heard.splice(0), ['other ::1'])
  asked[0]?.[1](new Error('timeout'), '', 0)
  deepStrictEqual(
    heard.splice(0),
    Array.from({ length: 100 }, (_, i) => `${i} timeout`),
  )
  ask('a', 'later')
  deepStrictEqual(asked.length, 3)
  asked[2]?.[1](null, '127.0.0.1', 4)
  deepStrictEqual(heard, ['later 127.0.0.1'])
})
