// A certificate for both ends of TLS: it vouches for itself.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  /** Key and certificate, in PEM. */
  readonly file: string
  /** What tls.connect takes; PEM. */
  readonly options: { readonly ca: string; readonly key: string; readonly cert: string }
  remove(): void
}

/** Of this machine, for two days; made by openssl, which has to be there. */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'ringkeeper-perf-tls-'))
  const [key, cert, file] = ['key.pem', 'certificate.pem', 'both.pem'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const args = ['req', '-x509', ...made, ...names, '-keyout', key, '-out', cert, '-days', '2']
  execFileSync('openssl', args, { stdio: 'ignore' })
  const [keyText, certText] = [readFileSync(key, 'utf8'), readFileSync(cert, 'utf8')]
  writeFileSync(file, keyText + certText)
  return {
    file,
    options: { ca: certText, key: keyText, cert: certText },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Lines of a zoo.cfg for a server that asks its clients for this certificate, and has it. Java's
 * server speaks TLS with Netty alone. */
export function tlsConfiguration({ file }: Certificate): string[] {
  return [
    'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
    'secureClientPortAddress=127.0.0.1',
    `ssl.keyStore.location=${file}`,
    `ssl.trustStore.location=${file}`,
    'ssl.hostnameVerification=false',
  ]
}
