// Opens what a server offers operators over HTTP or HTTPS: the admin server, and metrics for Prometheus if
// configured. If their port cannot be had, the log says so, and the server serves its clients all
// the same.

import type { ServerOptions } from '../../config/options.ts'
import type { TlsSettings } from '../../config/settings/ssl.ts'
import type { Logger } from '../process/logger.ts'
import { ProcessMetrics } from '../reports/metrics/process-metrics.ts'
import type { ReportSource } from '../reports/source.ts'
import { wallMs } from '../shared/clock.ts'
import { CredentialWatch, type WatchLog } from '../tls/credential-watch.ts'
import { type Credentials, readCredentials } from '../tls/credentials.ts'
import type { IdentityOptions } from '../tls/identity/client-identity.ts'
import { StoreError } from '../tls/stores/raw-store.ts'
import { adminPages } from './admin-server.ts'
import { HttpListener, type Pages } from './http-listener.ts'
import type { HttpsOptions } from './https.ts'
import { prometheusPages } from './prometheus-text.ts'

export type OperatorsHttpOptions = Pick<
  ServerOptions,
  | 'adminEnableServer'
  | 'adminServerAddress'
  | 'adminServerPort'
  | 'adminCommandUrl'
  | 'adminIdleTimeoutMs'
  | 'adminForceHttps'
  | 'adminTls'
  | 'adminReloadsCertFiles'
  | keyof IdentityOptions
  | 'adminNeedClientAuth'
  | 'metricsProviderClassName'
  | 'metricsProviderHttpHost'
  | 'metricsProviderHttpPort'
  | 'metricsProviderExportJvmInfo'
>

const SCRAPE_IDLE_MS = 30_000

/** Where a listener is to be, and what it shows. */
interface Offer {
  /** What the log calls it. */
  readonly what: string
  readonly pages: Pages
  readonly address: string
  readonly port: number
  readonly idleMs: number
  /** Null: no HTTPS. */
  readonly tls: TlsSettings | null
}

/** Resolves with the listeners once each of them listens or has said why not. Never rejects. */
export async function openOperatorsHttp(
  source: ReportSource,
  options: OperatorsHttpOptions,
  logger: Logger,
): Promise<HttpListener[]> {
  const offers = [adminOffer(source, options), metricsOffer(source, options, logger)]
  const opened = offers.map((offer) => (offer === null ? null : opening(offer, options, logger)))
  return (await Promise.all(opened)).filter((listener) => listener !== null)
}

function adminOffer(source: ReportSource, options: OperatorsHttpOptions): Offer | null {
  if (!options.adminEnableServer) return null
  return {
    what: 'admin server',
    pages: adminPages(source, options.adminCommandUrl),
    address: options.adminServerAddress,
    port: options.adminServerPort,
    idleMs: options.adminIdleTimeoutMs,
    tls: options.adminTls,
  }
}

function metricsOffer(
  source: ReportSource,
  options: OperatorsHttpOptions,
  logger: Logger,
): Offer | null {
  const { metricsProviderClassName, metricsProviderHttpHost, metricsProviderHttpPort } = options
  if (metricsProviderClassName !== 'prometheus') return null
  if (metricsProviderHttpPort === null) {
    logger.warn('no metrics over HTTP: metricsProvider.httpPort is not set')
    return null
  }
  return {
    what: 'metrics over HTTP',
    pages: prometheusPages(source, options.metricsProviderExportJvmInfo ? processMetrics() : null),
    address: metricsProviderHttpHost,
    port: metricsProviderHttpPort,
    idleMs: SCRAPE_IDLE_MS,
    tls: null,
  }
}

async function opening(
  offer: Offer,
  options: OperatorsHttpOptions,
  logger: Logger,
): Promise<HttpListener | null> {
  const { what, pages, address } = offer
  let listener: HttpListener
  try {
    listener = new HttpListener(pages, offer.idleMs, await httpsOf(offer.tls, options, logger))
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    pages.close?.()
    logger.warn({ problem: error.message }, `no ${what}: its certificates cannot be used`)
    return null
  }
  try {
    const port = await listener.listen(offer.port, address)
    logger.info({ address, port }, `${what}: listening`)
    if (offer.tls !== null && options.adminReloadsCertFiles) {
      watchCertificates(listener, offer.tls, what, logger)
    }
    return listener
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    logger.warn({ address, port: offer.port, problem }, `no ${what}: cannot listen`)
    return null
  }
}

/** Rejects with StoreError. */
async function httpsOf(
  tls: TlsSettings | null,
  options: OperatorsHttpOptions,
  logger: Logger,
): Promise<HttpsOptions | null> {
  if (tls === null) return null
  const { context, remarks } = await readCredentials(tls, wallMs())
  for (const remark of remarks) logger.warn(remark)
  const { adminForceHttps, adminNeedClientAuth } = options
  return {
    ...options,
    context,
    takesPlain: !adminForceHttps,
    needsCertificate: adminNeedClientAuth,
  }
}

/** What replaces the files is used from the next handshake on. Files that cannot be used change nothing. */
function watchCertificates(
  listener: HttpListener,
  tls: TlsSettings,
  what: string,
  logger: Logger,
): void {
  const of = { for: `the ${what}` }
  const log: WatchLog = {
    info: (fields, message) => logger.info({ ...of, ...fields }, message),
    warn: (fields, message) => logger.warn({ ...of, ...fields }, message),
    error: (fields, message) => logger.error({ ...of, ...fields }, message),
  }
  const use = ({ context }: Credentials): void => listener.replaceContext(context)
  const watch = new CredentialWatch(tls, use, log, wallMs)
  watch.start()
  listener.whenClosed(() => watch.stop())
}

function processMetrics(): ProcessMetrics {
  return new ProcessMetrics(wallMs() - process.uptime() * 1000)
}
