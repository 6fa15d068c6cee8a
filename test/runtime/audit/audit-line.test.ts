// A line of the audit log: ZooKeeper's, and nobody forges another.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type AuditEvent, auditLine } from '../../../runtime/audit/audit-line.ts'

const MS = Date.UTC(2026, 10, 30, 17, 0, 0, 7)

/** Key by key. */
function fieldsOf(line: string): Record<string, string> {
  const message = line.slice(line.indexOf(': ') + 2, -1)
  return Object.fromEntries(
    message.split('\t').map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

describe('a line of the audit log', () => {
  test('has ZooKeeper’s form', () => {
    const event = {
      result: 'failure',
      operation: 'setAcl',
      znode: '/a b',
      acl: 'world:anyone:cdrwa',
      session: '0x1',
      user: '10.0.0.1,bob',
      ip: '10.0.0.1',
    } as const
    match(
      auditLine(event, MS),
      /^20\d\d-\d\d-\d\d \d\d:\d\d:00,007 ERROR audit\.Slf4jAuditLogger: session=0x1\tuser=10\.0\.0\.1,bob\tip=10\.0\.0\.1\toperation=setAcl\tznode=\/a b\tacl=world:anyone:cdrwa\tresult=failure\n$/,
    )
    match(auditLine({ operation: 'serverStop', result: 'invoked' }, MS), /INFO .*: operation=/)
  })

  test('is one line with the pairs it was given, whatever they hold', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(text, text, text, (user, znode, acl) => {
        const event: AuditEvent = { user, operation: 'create', znode, acl, result: 'failure' }
        const line = auditLine(event, MS)
        strictEqual(line.split(/[\n\r\v\f\x85\u2028\u2029]/).length, 2)
        const fields = fieldsOf(line)
        deepStrictEqual(Object.keys(fields), ['user', 'operation', 'znode', 'acl', 'result'])
        strictEqual(fields['result'], 'failure')
      }),
    )
  })

  const FORGED: Readonly<Record<string, string>> = {
    'a line feed': '/a\n2026-11-30 17:00:00,000 INFO audit.Slf4jAuditLogger: result=success',
    'a tab': '/a\tresult=success',
    'an escape of a terminal': '/a\x1b[2K\rresult=success',
    'the other direction of writing': '/a\u202esuccess',
  }
  for (const [what, znode] of Object.entries(FORGED)) {
    test(`is not forged by ${what}`, () => {
      const line = auditLine({ operation: 'create', znode, result: 'failure' }, MS)
      ok(!/[\p{Cc}\p{Cf}]/u.test(line.replaceAll('\t', '').slice(0, -1)), line)
      deepStrictEqual(Object.keys(fieldsOf(line)), ['operation', 'znode', 'result'])
    })
  }

  test('is no longer than it may be', () => {
    const line = auditLine(
      { operation: 'create', znode: '/'.repeat(1 << 20), result: 'failure' },
      MS,
    )
    ok(line.length < 5000)
  })
})
