// zab -> election: ElectionZabMessages as frames.
//
//   look          zxid, a = current epoch
//   established   a = epoch
//   rest

import { assertNever } from '../../protocol/assert.ts'
import type { ElectionZabMessages } from '../../protocol/messages/election.ts'
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Outbox } from '../mailbox.ts'
import type { FrameView } from '../ring.ts'
import { FrameType } from './frame-type.ts'

export class ElectionSender implements ElectionZabMessages {
  readonly #out: Outbox

  constructor(out: Outbox) {
    this.#out = out
  }

  look(lastZxid: Zxid, currentEpoch: number): void {
    this.#out.send(FrameType.look, 0, 0, lastZxid, currentEpoch, 0)
  }

  established(peerEpoch: number): void {
    this.#out.send(FrameType.established, 0, 0, ZXID_ZERO, peerEpoch, 0)
  }

  rest(): void {
    this.#out.send(FrameType.rest, 0, 0, ZXID_ZERO, 0, 0)
  }
}

export function deliverToElection(f: FrameView, election: ElectionZabMessages): void {
  switch (f.type) {
    case FrameType.look:
      election.look(f.zxid, f.a)
      break
    case FrameType.established:
      election.established(f.a)
      break
    case FrameType.rest:
      election.rest()
      break
    default:
      assertNever(f.type as never)
  }
}
