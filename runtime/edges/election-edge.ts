// What zab tells election, as frames.

import type { ElectionZabMessages } from '../../protocol/messages/election.ts'
import { Edge, type SenderClass } from './edge.ts'
import { bytes, int, server, zxid } from './field.ts'

export const ELECTION: Edge<ElectionZabMessages> = new Edge<ElectionZabMessages>('election', {
  configured: [bytes],
  proposed: [bytes],
  look: [zxid, int],
  established: [int],
  rest: [],
  startPulses: [server, int],
  stopPulses: [server],
})

export const ElectionSender: SenderClass<ElectionZabMessages> = ELECTION.sender()
