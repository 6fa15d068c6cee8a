// Certificates for tests, made by openssl in a folder of their own: a root, and whoever is signed by it.

import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runs, skipUnless } from './foreign.ts'

/** For node:test's `skip`. */
export const OPENSSL_MISSING: string | false = skipUnless(
  runs('openssl', ['version']),
  'openssl',
  'openssl',
)

export interface CertificateWishes {
  /** As openssl writes it: `/CN=alice/O=Example`. */
  readonly subject?: string
  /** As in a configuration of openssl: `DNS:localhost,IP:127.0.0.1`. */
  readonly names?: string
  /** Days from now on; negative ones have passed. */
  readonly from?: number
  readonly to?: number
  readonly purposes?: string
}

/** Files of one who has a certificate. */
export interface Holder {
  readonly key: string
  readonly certificate: string
  /** Both of them, and the root's certificate, in PEM. */
  readonly both: string
  /** Of the certificate, in hexadecimal. */
  readonly serial: string
}

const DAY_MS = 86_400_000

export class TestCa {
  readonly folder: string
  /** The root's certificate. */
  readonly root: string
  readonly #key: string
  #count = 0

  constructor(name = 'Test CA') {
    this.folder = mkdtempSync(join(tmpdir(), 'ringkeeper-ca-'))
    this.root = join(this.folder, 'root.pem')
    this.#key = join(this.folder, 'root.key')
    this.#openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', this.#key)
    this.#openssl(
      ...['req', '-x509', '-new', '-key', this.#key, '-subj', `/CN=${name}`, '-days', '3650'],
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-out', this.root],
    )
    writeFileSync(join(this.folder, 'index.txt'), '')
    writeFileSync(join(this.folder, 'crlnumber'), '01\n')
    writeFileSync(
      join(this.folder, 'ca.cnf'),
      `[ca]\ndefault_ca=d\n[d]\ndatabase=${this.folder}/index.txt\nserial=${this.folder}/serial\n` +
        `crlnumber=${this.folder}/crlnumber\ndefault_md=sha256\ndefault_crl_days=30\n` +
        `certificate=${this.root}\nprivate_key=${this.#key}\nnew_certs_dir=${this.folder}\n` +
        'policy=p\nunique_subject=no\n[p]\n',
    )
  }

  /** Signed by the root. */
  issue(name: string, wishes: CertificateWishes = {}): Holder {
    const { subject = `/CN=${name}`, from = -1, to = 365, names, purposes } = wishes
    const base = join(this.folder, `${name}-${this.#count++}`)
    const [key, request, certificate] = [`${base}.key`, `${base}.csr`, `${base}.crt`]
    const extensions = [
      'keyUsage=critical,digitalSignature,keyEncipherment',
      ...(names === undefined ? [] : [`subjectAltName=${names}`]),
      ...(purposes === undefined ? [] : [`extendedKeyUsage=${purposes}`]),
    ]
    writeFileSync(`${base}.ext`, `${extensions.join('\n')}\n`)
    this.#openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${key}.raw`)
    this.#openssl('pkcs8', '-topk8', '-nocrypt', '-in', `${key}.raw`, '-out', key)
    this.#openssl('req', '-new', '-utf8', '-key', key, '-subj', subject, '-out', request)
    this.#openssl(
      ...['ca', '-batch', '-notext', '-config', join(this.folder, 'ca.cnf'), '-rand_serial'],
      ...['-in', request, '-out', certificate, '-extfile', `${base}.ext`, '-preserveDN'],
      ...['-startdate', timeText(from), '-enddate', timeText(to)],
    )
    const both = `${base}.pem`
    for (const file of [key, certificate, this.root]) appendFileSync(both, readFileSync(file))
    const { serialNumber: serial } = new X509Certificate(readFileSync(certificate))
    return { key, certificate, both, serial }
  }

  /** A revocation list with these in it. */
  revoke(...holders: readonly Holder[]): string {
    const file = join(this.folder, `list-${this.#count++}.pem`)
    const config = ['ca', '-config', join(this.folder, 'ca.cnf')]
    for (const { certificate } of holders) this.#openssl(...config, '-revoke', certificate)
    this.#openssl(...config, '-gencrl', '-out', file)
    return file
  }

  /** A store in PKCS12; `flags` as openssl has them. */
  pkcs12(
    holder: Pick<Holder, 'key' | 'certificate'>,
    password: string,
    ...flags: readonly string[]
  ): string {
    const file = join(this.folder, `store-${this.#count++}.p12`)
    this.#openssl(
      ...['pkcs12', '-export', '-inkey', holder.key, '-in', holder.certificate],
      ...[
        '-certfile',
        this.root,
        '-name',
        'own',
        '-out',
        file,
        '-passout',
        `pass:${password}`,
        ...flags,
      ],
    )
    return file
  }

  /** Settings of a server that has this certificate and trusts the root. */
  options(holder: Pick<Holder, 'both'>): {
    sslKeyStoreLocation: string
    sslTrustStoreLocation: string
  } {
    return { sslKeyStoreLocation: holder.both, sslTrustStoreLocation: this.root }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  }
}

/** `YYYYMMDDHHMMSSZ`, so many days from now. */
function timeText(days: number): string {
  return new Date(Date.now() + days * DAY_MS)
    .toISOString()
    .replace(/\..*/, 'Z')
    .replace(/[-:T]/g, '')
}
