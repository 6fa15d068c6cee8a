// Text out of bytes, which mostly lie in a ring, that is in shared memory.

import { strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '../../protocol/bytes/text.ts'

test('the text as it was written, wherever the bytes lie', () => {
  const texts = [
    '',
    '/',
    '/a/b',
    '/größe',
    '日本',
    '\ufeffmark',
    `/${'x'.repeat(300)}`,
    '\u{1f512}',
  ]
  for (const text of texts) {
    const bytes = new TextEncoder().encode(text)
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 7))
    shared.set(bytes, 4)
    strictEqual(utf8(shared, 4, 4 + bytes.length), text)
    strictEqual(utf8(bytes, 0, bytes.length), text)
  }
})
