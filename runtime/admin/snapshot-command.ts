// The command `snapshot`: writes a snapshot file now, and streams it to the client or only says
// where it ends. It is for administrators, and limited to one in `admin.rateLimiterIntervalInMS`
// (SnapshotCommand).

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import { VERSION_FOLDER } from '../reports/folders.ts'
import type { ReportSource } from '../reports/source.ts'
import { nowMs } from '../shared/clock.ts'
import { refusalOf } from './authorization.ts'
import type { Asked, Page } from './http-listener.ts'
import { jsonText } from './json-text.ts'

const COMMAND = 'snapshot'
const MISUSED = 'serializeLastProcessedZxid.enabled is off: a snapshot would not say where it ends'

export class SnapshotCommand {
  readonly #source: ReportSource
  #takenMs = Number.NEGATIVE_INFINITY

  constructor(source: ReportSource) {
    this.#source = source
  }

  async page(query: URLSearchParams, asked: Asked): Promise<Page> {
    const { options } = this.#source
    const refused = await refusalOf(this.#source, asked)
    if (refused !== null) return errorPage(refused.status, refused.error)
    if (!options.adminSnapshotEnabled) return errorPage(503, 'Snapshot is disabled')
    if (!options.serializeLastProcessedZxid) return errorPage(500, MISUSED)
    if (nowMs() - this.#takenMs < options.adminRateLimiterIntervalMs) {
      return errorPage(429, 'Rate limit reached')
    }
    this.#takenMs = nowMs()
    const { name, zxid } = await this.#source.takeSnapshot()
    const path = join(options.dataDir, VERSION_FOLDER, name)
    const { size } = await stat(path)
    const headers = { last_zxid: formatZxid(zxid as Zxid), snapshot_size: String(size) }
    if (query.get('streaming') === 'false') {
      const body = jsonText({ command: COMMAND, error: null })
      return { status: 200, type: 'application/json', headers, body }
    }
    return { status: 200, type: 'application/octet-stream', headers, body: createReadStream(path) }
  }
}

function errorPage(status: number, error: string): Page {
  const body = jsonText({ command: COMMAND, error })
  return { status, type: 'application/json', body }
}
