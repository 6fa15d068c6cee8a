// The command `hand_over`, of our own: the leader steps down, and the others elect one of themselves. So a leader can
// be stopped or upgraded without the silence in which it would be missed. It is for administrators.

import { type HandedOver, Query } from '../../protocol/messages/queries.ts'
import { ask } from '../reports/ask.ts'
import type { ReportSource } from '../reports/source.ts'
import { refusalOf } from './authorization.ts'
import type { Asked, Page } from './http-listener.ts'
import { jsonText } from './json-text.ts'

const COMMAND = 'hand_over'

/** 200 once it is under way; 409 if it cannot be now. */
export async function handOverPage(source: ReportSource, asked: Asked): Promise<Page> {
  const refused = await refusalOf(source, asked)
  if (refused !== null) return page(refused.status, refused.error)
  if (source.options.ensemble === null) return page(409, 'this server stands alone')
  if (source.network.mode !== 'leader') return page(409, 'this server does not lead')
  const [why] = await ask<HandedOver>(source, Query.handOver)
  return page(why === null ? 200 : 409, why)
}

function page(status: number, error: string | null): Page {
  return { status, type: 'application/json', body: jsonText({ command: COMMAND, error }) }
}
