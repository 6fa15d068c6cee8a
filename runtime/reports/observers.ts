// `observers`: the observers that follow this leader, and what went to and fro since they connected
// (LearnerHandler.getLearnerHandlerInfo). Only a leader has any: there are no observer masters.

import { type ObserverList, Query } from '../../protocol/messages/queries.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import { wallMs } from '../shared/clock.ts'
import { ask } from './ask.ts'
import type { ReportSource } from './source.ts'

type Source = Pick<ReportSource, 'network'>

export interface ObserversReport {
  readonly synced_observers: number
  readonly observers: readonly ObserverRow[]
}

export interface ObserverRow {
  /** `127.0.0.1:44354`, `[::1]:44354`. */
  readonly remote_socket_address: string
  readonly sid: number
  /** Milliseconds since 1970. */
  readonly established: number
  /** What waits to be sent to it: packets, and bytes. */
  readonly queued_packets: number
  readonly queued_packets_size: number
  readonly packets_received: number
  readonly packets_sent: number
  readonly requests: number
  /** The last that it was sent. */
  readonly last_zxid: Zxid
}

export async function observers(source: Source): Promise<ObserversReport> {
  if (source.network.mode !== 'leader') return { synced_observers: 0, observers: [] }
  const list = await ask<ObserverList>(source, Query.observers)
  return { synced_observers: list.length, observers: list.map(rowOf) }
}

/** Counts of packets and requests begin again. */
export async function resetObservers(source: Source): Promise<void> {
  if (source.network.mode === 'leader') await ask<ObserverList>(source, Query.resetObservers)
}

function rowOf(one: ObserverList[number]): ObserverRow {
  const [sid, connectedMs, received, requests, address, sent, lastZxid, waiting, waitingBytes] = one
  return {
    remote_socket_address: address,
    sid,
    established: Math.round(wallMs() - connectedMs),
    queued_packets: waiting,
    queued_packets_size: waitingBytes,
    packets_received: received,
    packets_sent: sent,
    requests,
    last_zxid: lastZxid as Zxid,
  }
}
