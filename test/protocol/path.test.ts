// Which paths are allowed, byte by byte and beyond ASCII.

import { strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { utf8Bytes } from '../../protocol/bytes/text.ts'
import { isValidPath, lastSlash } from '../../protocol/path.ts'

/** Amid other bytes, as in a request. */
function isValid(path: Uint8Array): boolean {
  const bytes = Uint8Array.from([0x2f, ...path, 0x2f])
  return isValidPath(bytes, 1, bytes.length - 1)
}

describe('a path', () => {
  const valid = ['/', '/a', '/a/b', '/...', '/.a/b.', '/a b~', '/\u00e4/\u4e2d\u6587', '/\ufa00']
  for (const path of valid) {
    it(`${JSON.stringify(path)} is allowed`, () => strictEqual(isValid(utf8Bytes(path)), true))
  }

  const dots = ['/.', '/..', '/./a', '/a/../b', '/a/.']
  const slashes = ['', 'a', 'a/b', '//', '/a/', '/a//b']
  const characters = ['/\0', '/a\u001f', '/\u007f', '/\u009f', '/\ue000', '/\ufff0', '/\u{1f600}']
  for (const path of [...dots, ...slashes, ...characters]) {
    it(`${JSON.stringify(path)} is not`, () => strictEqual(isValid(utf8Bytes(path)), false))
  }

  it('of bytes that are no UTF-8 is not', () => {
    strictEqual(isValid(Uint8Array.of(0x2f, 0xc3)), false)
    strictEqual(isValid(Uint8Array.of(0x2f, 0xc0, 0xaf)), false)
  })

  it('has its parent before the last slash', () => {
    const bytes = utf8Bytes('/x/ab/c')
    strictEqual(lastSlash(bytes, 2, bytes.length), 5)
    strictEqual(lastSlash(bytes, 2, 5), 2)
  })
})
