// Key and trust stores: what each format gives, what is said when it cannot be used, and that no damage
// does more than that.

import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { StoreSettings } from '../../../config/settings/ssl.ts'
import { readJks } from '../../../runtime/tls/stores/jks.ts'
import { readPem } from '../../../runtime/tls/stores/pem.ts'
import { readPkcs12 } from '../../../runtime/tls/stores/pkcs12.ts'
import { StoreError } from '../../../runtime/tls/stores/raw-store.ts'
import { readCrls, readStore, type Store } from '../../../runtime/tls/stores/store.ts'
import { runs, skipUnless } from '../../support/foreign.ts'
import { type Holder, OPENSSL_MISSING, TestCa } from '../../support/test-ca.ts'
import { jksOf } from './jks-writer.ts'

const STORE_BYTES_MAX = 16 << 20
const PASSWORD = 'sésame'
const KEYTOOL_MISSING = skipUnless(runs('keytool', ['-help']), 'keytool', 'default-jre-headless')

let ca: TestCa
let alice: Holder

before(() => {
  if (OPENSSL_MISSING !== false) return
  ca = new TestCa()
  alice = ca.issue('alice')
})
after(() => ca?.remove())

function settings(location: string, more: Partial<StoreSettings> = {}): StoreSettings {
  return { location, password: null, passwordPath: null, type: null, ...more }
}

function put(name: string, bytes: string | Uint8Array): string {
  const file = join(ca.folder, name)
  writeFileSync(file, bytes)
  return file
}

function derOf(file: string): Buffer {
  return new X509Certificate(readFileSync(file)).raw
}

function keyOf(holder: Holder): Buffer {
  return createPrivateKey(readFileSync(holder.key)).export({ format: 'der', type: 'pkcs8' })
}

/** Alice's key with her certificate and the root's behind it. */
function checkKey({ keys }: Store): void {
  strictEqual(keys.length, 1)
  const [{ key, chain } = { key: null, chain: [] }] = keys
  ok(key !== null && chain[0]?.checkPrivateKey(key))
  deepStrictEqual(
    chain.map(({ subject }) => subject),
    ['CN=alice', 'CN=Test CA'],
  )
}

function subjects({ trusted }: Store): string[] {
  return trusted.map(({ subject }) => subject).sort()
}

describe('a key store', { skip: OPENSSL_MISSING }, () => {
  it('in PEM, in one file', async () => {
    checkKey(await readStore(settings(alice.both)))
  })

  it('in PEM, in several files, whose names say nothing', async () => {
    const files = [alice.key, alice.certificate, ca.root].join(', ')
    checkKey(await readStore(settings(files, { type: 'PEM' })))
  })

  it('in PEM, with other certificates and texts before its own', async () => {
    const text = [ca.root, alice.certificate, alice.key].map((file) => readFileSync(file, 'utf8'))
    checkKey(await readStore(settings(put('mixed.pem', `Bag\n${text.join('\nnames: x\n')}`))))
  })

  it('in PEM, with an encrypted key', async () => {
    const key = createPrivateKey(readFileSync(alice.key)).export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: PASSWORD,
    })
    const file = put(
      'sealed.pem',
      `${key}${readFileSync(alice.both, 'utf8').split('-----\n').slice(2).join('-----\n')}`,
    )
    checkKey(await readStore(settings(file, { password: PASSWORD })))
    await rejects(
      readStore(settings(file)),
      /sealed\.pem has an encrypted key, and there is no pass/,
    )
    await rejects(
      readStore(settings(file, { password: 'x' })),
      /a key that its password does not open/,
    )
  })

  it('in PEM, with a key encrypted as openssl once did', async () => {
    const file = join(ca.folder, 'old.key')
    const args = ['ec', '-in', alice.key, '-aes128', '-passout', 'pass:sesame', '-out', file]
    execFileSync('openssl', args, { stdio: 'pipe' })
    match(readFileSync(file, 'utf8'), /DEK-Info: /)
    const files = [file, alice.certificate, ca.root].join(',')
    checkKey(await readStore(settings(files, { type: 'PEM', password: 'sesame' })))
  })

  const KINDS: readonly (readonly [string, readonly string[]])[] = [
    ['as today', []],
    ['as Java 8', ['-legacy', '-certpbe', 'PBE-SHA1-RC2-40', '-keypbe', 'PBE-SHA1-3DES']],
  ]
  for (const [name, flags] of KINDS) {
    it(`in PKCS12, encrypted ${name}`, async () => {
      const file = ca.pkcs12(alice, 'sesame', ...flags)
      const store = await readStore(settings(file, { password: 'sesame' }))
      checkKey(store)
      // The root came with the key: that makes nobody trust it.
      deepStrictEqual(subjects(store), ['CN=alice'])
      await rejects(readStore(settings(file, { password: 'x' })), /\.p12 has another password/)
    })
  }

  it('in PKCS12, with an RSA key', async () => {
    const [key, certificate] = [join(ca.folder, 'rsa.key'), join(ca.folder, 'rsa.crt')]
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=rsa', '-days', '9']
    execFileSync('openssl', [...args, '-keyout', key, '-out', certificate], { stdio: 'pipe' })
    const file = ca.pkcs12({ key, certificate }, 'sesame')
    const { keys } = await readStore(settings(file, { password: 'sesame' }))
    ok(keys[0]?.chain[0].checkPrivateKey(keys[0].key) === true)
    strictEqual(keys[0].chain[0].raw.equals(derOf(certificate)), true)
  })

  it('in JKS, with the password in a file', async () => {
    const chain = [derOf(alice.certificate), derOf(ca.root)]
    const bytes = jksOf({ entries: [{ key: keyOf(alice), chain }] }, PASSWORD)
    const passwordPath = put('password', `${PASSWORD}\n`)
    const store = await readStore(settings(put('own.jks', bytes), { passwordPath }))
    checkKey(store)
    deepStrictEqual(subjects(store), ['CN=alice'])
  })

  it('as keytool makes them, whatever the name', { skip: KEYTOOL_MISSING }, async () => {
    for (const type of ['JKS', 'PKCS12']) {
      const file = join(ca.folder, `keytool-${type}.jks`)
      const from = ['-srckeystore', ca.pkcs12(alice, 'sesame'), '-srcstorepass', 'sesame']
      const to = ['-destkeystore', file, '-deststoretype', type, '-deststorepass', 'sesame2']
      const more = type === 'JKS' ? ['-destkeypass', 'sesame2'] : []
      execFileSync('keytool', ['-importkeystore', '-noprompt', ...from, ...to, ...more], {
        stdio: 'pipe',
      })
      checkKey(await readStore(settings(file, { password: 'sesame2' })))
    }
  })
})

describe('a trust store', { skip: OPENSSL_MISSING }, () => {
  it('in PEM', async () => {
    deepStrictEqual(subjects(await readStore(settings(ca.root))), ['CN=Test CA'])
  })

  it('in JKS needs no password', async () => {
    const file = put('trust.jks', jksOf({ trusted: [derOf(ca.root)] }, PASSWORD))
    deepStrictEqual(subjects(await readStore(settings(file))), ['CN=Test CA'])
    await rejects(
      readStore(settings(file, { password: 'x' })),
      /is damaged, or has another password/,
    )
  })

  it('in PKCS12 without a key', async () => {
    const file = join(ca.folder, 'trust.p12')
    const args = ['pkcs12', '-export', '-nokeys', '-in', ca.root, '-passout', 'pass:sesame']
    execFileSync('openssl', [...args, '-out', file], { stdio: 'pipe' })
    deepStrictEqual(subjects(await readStore(settings(file, { password: 'sesame' }))), [
      'CN=Test CA',
    ])
  })

  it('has revocation lists, and so have files of them, in PEM and in DER', async () => {
    const list = ca.revoke(ca.issue('bob'))
    const text = readFileSync(list, 'utf8')
    const both = put('both.pem', `${readFileSync(ca.root, 'utf8')}${text}`)
    strictEqual((await readStore(settings(both))).crls.length, 1)
    const der = join(ca.folder, 'list.crl')
    execFileSync('openssl', ['crl', '-in', list, '-outform', 'DER', '-out', der])
    const lists = await readCrls([list, der])
    deepStrictEqual(
      lists.map((crl) => crl.trim()),
      [text.trim(), text.trim()],
    )
    await rejects(readCrls([ca.root]), /root\.pem holds no revocation list/)
  })
})

const UNUSABLE: Readonly<Record<string, readonly [() => StoreSettings, RegExp]>> = {
  'no file': [() => settings('/nowhere/k.pem'), /^\/nowhere\/k\.pem does not exist$/],
  'no password file': [
    () => settings(alice.both, { passwordPath: '/nowhere/p' }),
    /^\/nowhere\/p does not exist$/,
  ],
  'too large': [
    () => settings(put('huge.jks', Buffer.alloc(STORE_BYTES_MAX + 1, 0x30))),
    /huge\.jks is larger than 16777216 bytes$/,
  ],
  'JKS of another version': [
    () => settings(put('v3.jks', Buffer.from('feedfeed0000000300000000', 'hex'))),
    /v3\.jks is a JKS store of version 3$/,
  ],
  empty: [() => settings(put('empty.jks', '')), /empty\.jks is empty$/],
  'neither JKS nor PKCS12': [
    () => settings(put('x.jks', 'xxxx')),
    /x\.jks is neither JKS nor PKCS12$/,
  ],
  'PEM by another name': [
    () => settings(put('pem.p12', readFileSync(alice.both))),
    /pem\.p12 is PEM, and not JKS or PKCS12$/,
  ],
  'no PEM': [
    () => settings(put('no.pem', 'x')),
    /no\.pem holds neither a key nor a certificate in PEM$/,
  ],
  'a key alone': [
    () => settings(put('key.pem', readFileSync(alice.key))),
    /key\.pem has a private key and no certificate$/,
  ],
  'a key and another certificate': [
    () => settings(put('other.pem', `${readFileSync(alice.key)}${readFileSync(ca.root)}`)),
    /belongs to none of its certificates: CN=Test CA$/,
  ],
  'a broken certificate': [
    () => settings(put('b.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')),
    /b\.pem certificate 1 in it cannot be read/,
  ],
}

describe('what is said of a store that cannot be used', { skip: OPENSSL_MISSING }, () => {
  for (const [name, [of, expected]] of Object.entries(UNUSABLE)) {
    it(name, async () => {
      await rejects(readStore(of()), (error: Error) => {
        ok(error instanceof StoreError)
        match(error.message, expected)
        return true
      })
    })
  }
})

describe('damage never does more than to be said', { skip: OPENSSL_MISSING }, () => {
  /** Cut off, or with some bytes changed. */
  const damaged = (bytes: Uint8Array): fc.Arbitrary<Uint8Array> => {
    const cut = fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length))
    const place = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }))
    const changed = fc.array(place, { minLength: 1, maxLength: 4 }).map((places) => {
      const copy = Uint8Array.from(bytes)
      for (const [at, by] of places) copy[at]! ^= by
      return copy
    })
    return fc.oneof(cut, changed, fc.uint8Array({ maxLength: 200 }))
  }
  const sameOrError = (read: () => unknown): void => {
    try {
      read()
    } catch (error) {
      ok(error instanceof StoreError || (error as Error).name === 'DerError', String(error))
    }
  }

  it('JKS', () => {
    const chain = [derOf(alice.certificate)]
    const bytes = jksOf({ entries: [{ key: keyOf(alice), chain }], trusted: chain }, PASSWORD)
    fc.assert(
      fc.property(damaged(bytes), fc.constantFrom(PASSWORD, null), (changed, password) =>
        sameOrError(() => readJks(changed, password)),
      ),
      { numRuns: 2000 },
    )
  })

  it('JKS: lengths and counts that nothing backs', () => {
    const bytes = jksOf({ trusted: [derOf(ca.root)] }, PASSWORD)
    for (let at = 4; at + 4 <= 60; at++) {
      const huge = Buffer.from(bytes)
      huge.writeUInt32BE(0xffff_ffff, at)
      sameOrError(() => readJks(huge, null))
    }
  })

  it('PEM', () => {
    const bytes = readFileSync(alice.both)
    fc.assert(
      fc.property(damaged(bytes), (changed) =>
        sameOrError(() => readPem(Buffer.from(changed).toString('latin1'), null)),
      ),
      { numRuns: 500 },
    )
  })

  it('PKCS12', async () => {
    const stores = [[], ['-legacy']].map((flags) =>
      readFileSync(ca.pkcs12(alice, 'sesame', '-iter', '1', '-maciter', ...flags)),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...stores).chain(damaged), async (changed) => {
        try {
          await readPkcs12(changed, 'sesame')
        } catch (error) {
          ok(error instanceof StoreError, String(error))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('PKCS12, cut off', async () => {
    const bytes = readFileSync(ca.pkcs12(alice, 'sesame', '-iter', '1', '-maciter'))
    for (let length = 0; length < bytes.length; length += 7) {
      await rejects(readPkcs12(bytes.subarray(0, length), 'sesame'), StoreError)
    }
  })

  it('PKCS12: as many rounds as somebody cares to write', async () => {
    for (const flags of [[], ['-legacy'], ['-nomac'], ['-nomac', '-legacy']]) {
      const bytes = Buffer.from(readFileSync(ca.pkcs12(alice, 'sesame', ...ROUNDS, ...flags)))
      let at = bytes.indexOf(ROUNDS_DER)
      ok(at >= 0)
      for (; at >= 0; at = bytes.indexOf(ROUNDS_DER, at)) MORE_ROUNDS_DER.copy(bytes, at)
      await rejects(readPkcs12(bytes, 'sesame'), /^StoreError: asks for 8388607 rounds/)
    }
  })
})

/** A count of three bytes, as DER has it: there is room for more in them. */
const ROUNDS: readonly string[] = ['-iter', String(0x01_0000)]
const ROUNDS_DER = Buffer.from([2, 3, 1, 0, 0])
const MORE_ROUNDS_DER = Buffer.from([2, 3, 0x7f, 0xff, 0xff])
