// tree -> zab and log -> zab: ZabMessages as frames: zxid, and the proposal's bytes as payload.
//
//   epochs       a = accepted, b = current
//   epochSaved   a = 1 for the current epoch, 0 for the accepted one

import { assertNever } from '../../protocol/assert.ts'
import type { EpochFile } from '../../protocol/messages/log.ts'
import type { ZabMessages } from '../../protocol/messages/zab.ts'
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Outbox } from '../mailbox.ts'
import type { FrameView } from '../ring.ts'
import { FrameType } from './frame-type.ts'

export class ZabSender implements ZabMessages {
  readonly #out: Outbox

  constructor(out: Outbox) {
    this.#out = out
  }

  loaded(zxid: Zxid): void {
    this.#out.send(FrameType.loaded, 0, 0, zxid, 0, 0)
  }

  propose(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.propose, 0, 0, zxid, 0, 0, bytes, start, end)
  }

  synced(zxid: Zxid): void {
    this.#out.send(FrameType.synced, 0, 0, zxid, 0, 0)
  }

  epochs(accepted: number, current: number): void {
    this.#out.send(FrameType.epochs, 0, 0, ZXID_ZERO, accepted, current)
  }

  epochSaved(which: EpochFile): void {
    this.#out.send(FrameType.epochSaved, 0, 0, ZXID_ZERO, which === 'current' ? 1 : 0, 0)
  }

  truncated(last: Zxid): void {
    this.#out.send(FrameType.truncated, 0, 0, last, 0, 0)
  }

  installed(): void {
    this.#out.send(FrameType.installed, 0, 0, ZXID_ZERO, 0, 0)
  }

  settled(): void {
    this.#out.send(FrameType.logSettled, 0, 0, ZXID_ZERO, 0, 0)
  }
}

export function deliverToZab(f: FrameView, zab: ZabMessages): void {
  switch (f.type) {
    case FrameType.propose:
      zab.propose(f.zxid, f.bytes, f.start, f.end)
      break
    case FrameType.synced:
      zab.synced(f.zxid)
      break
    case FrameType.loaded:
      zab.loaded(f.zxid)
      break
    case FrameType.epochs:
      zab.epochs(f.a, f.b)
      break
    case FrameType.epochSaved:
      zab.epochSaved(f.a === 1 ? 'current' : 'accepted')
      break
    case FrameType.truncated:
      zab.truncated(f.zxid)
      break
    case FrameType.installed:
      zab.installed()
      break
    case FrameType.logSettled:
      zab.settled()
      break
    default:
      assertNever(f.type as never)
  }
}
