// Which principals are members, and whom a member asks a ticket for.

import { strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memberIdentity, serviceAt } from '../../../protocol/sasl/member-principal.ts'

describe('the principal of a member that is dialled', () => {
  for (const [configured, own, wanted] of [
    ['zkquorum/localhost', null, 'zkquorum/localhost'],
    ['zkquorum/localhost', 'zkquorum/me@HERE', 'zkquorum/localhost@HERE'],
    ['zkquorum/_HOST', 'zkquorum/me', 'zkquorum/zk1.example'],
    ['zkquorum/_HOST', 'zkquorum/me@HERE', 'zkquorum/zk1.example@HERE'],
    ['zkquorum/_HOST@THERE', 'zkquorum/me@HERE', 'zkquorum/zk1.example@THERE'],
    ['zkquorum/_HOSTS', null, 'zkquorum/_HOSTS'],
  ] as const) {
    test(`${configured}, asked by ${own}, is ${wanted}`, () => {
      strictEqual(serviceAt(configured, 'ZK1.example', own), wanted)
    })
  }

  test('has a host whatever letters are in it', () => {
    strictEqual(serviceAt('zk/_HOST', '$&', null), 'zk/$&')
  })
})

describe('a principal that dials (CVE-2023-44981)', () => {
  const hosts = new Set(['zk1', '10.0.0.2'])
  const look = (principal: string) => (): string => memberIdentity(principal, 'HERE', hosts)

  for (const principal of ['zkquorum/zk1@HERE', 'other/ZK1@HERE', 'zkquorum/10.0.0.2@HERE']) {
    test(`${principal} is let in`, () => {
      strictEqual(look(principal)(), principal)
    })
  }

  for (const [principal, problem] of [
    ['zkquorum@HERE', /no principal of a host/],
    ['zk1@HERE', /no principal of a host/],
    ['zkquorum/zk1', /no principal of a host/],
    ['zkquorum/zk1/x@HERE', /no principal of a host/],
    ['', /no principal of a host/],
    ['zkquorum/zk3@HERE', /names no host of a server/],
    ['zkquorum/zk1@THERE', /is of another realm/],
  ] as const) {
    test(`${JSON.stringify(principal)} is not`, () => {
      throws(look(principal), problem)
    })
  }
})
