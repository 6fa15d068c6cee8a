// Opens what a server offers operators over HTTP: the admin server, and metrics for Prometheus if
// configured. If their port cannot be had, the log says so, and the server serves its clients all
// the same.

import type { ServerOptions } from '../../config/options.ts'
import type { Logger } from '../process/logger.ts'
import { ProcessMetrics } from '../reports/metrics/process-metrics.ts'
import type { ReportSource } from '../reports/source.ts'
import { wallMs } from '../shared/clock.ts'
import { adminPages } from './admin-server.ts'
import { HttpListener, type Pages } from './http-listener.ts'
import { prometheusPages } from './prometheus-text.ts'

export type OperatorsHttpOptions = Pick<
  ServerOptions,
  | 'adminEnableServer'
  | 'adminServerAddress'
  | 'adminServerPort'
  | 'adminCommandUrl'
  | 'adminIdleTimeoutMs'
  | 'adminForceHttps'
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
}

/** Resolves with the listeners once each of them listens or has said why not. Never rejects. */
export async function openOperatorsHttp(
  source: ReportSource,
  options: OperatorsHttpOptions,
  logger: Logger,
): Promise<HttpListener[]> {
  const offers = [adminOffer(source, options, logger), metricsOffer(source, options, logger)]
  const opened = offers.map((offer) => (offer === null ? null : opening(offer, logger)))
  return (await Promise.all(opened)).filter((listener) => listener !== null)
}

function adminOffer(
  source: ReportSource,
  options: OperatorsHttpOptions,
  logger: Logger,
): Offer | null {
  if (!options.adminEnableServer) return null
  if (options.adminForceHttps || options.adminNeedClientAuth) {
    logger.warn('no admin server: HTTPS is asked for, and is not supported yet')
    return null
  }
  return {
    what: 'admin server',
    pages: adminPages(source, options.adminCommandUrl),
    address: options.adminServerAddress,
    port: options.adminServerPort,
    idleMs: options.adminIdleTimeoutMs,
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
  }
}

async function opening(offer: Offer, logger: Logger): Promise<HttpListener | null> {
  const { what, pages, address } = offer
  const listener = new HttpListener(pages, offer.idleMs)
  try {
    const port = await listener.listen(offer.port, address)
    logger.info({ address, port }, `${what}: listening`)
    return listener
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    logger.warn({ address, port: offer.port, problem }, `no ${what}: cannot listen`)
    return null
  }
}

function processMetrics(): ProcessMetrics {
  return new ProcessMetrics(wallMs() - process.uptime() * 1000)
}
