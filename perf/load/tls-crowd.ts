// A worker whose clients all connect by TLS in one moment. Says 'ready', waits for any message, and
// says what came of it once each client has been answered or has failed.

import { parentPort, workerData } from 'node:worker_threads'
import { Client } from '../../client/client.ts'
import type { Certificate } from './certificate.ts'

export interface TlsCrowdTask {
  readonly port: number
  readonly count: number
  readonly tls: Certificate['options']
  readonly sessionTimeoutMs: number
}

export interface TlsCrowdReport {
  /** Until the last was answered. */
  readonly ms: number
  /** Why some were not, and how many for each reason. */
  readonly failed: Readonly<Record<string, number>>
}

const { port, count, tls, sessionTimeoutMs } = workerData as TlsCrowdTask

parentPort?.once('message', async () => {
  const startMs = performance.now()
  const failed: Record<string, number> = {}
  const clients = Array.from({ length: count }, () => {
    return new Client({ servers: `localhost:${port}`, tls, sessionTimeoutMs })
  })
  await Promise.all(
    clients.map((client) =>
      client.exists('/').catch((error: Error) => {
        failed[error.message] = (failed[error.message] ?? 0) + 1
      }),
    ),
  )
  const report: TlsCrowdReport = { ms: performance.now() - startMs, failed }
  parentPort?.postMessage(report)
})
parentPort?.postMessage('ready')
