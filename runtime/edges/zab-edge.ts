// tree -> zab and log -> zab: ZabMessages as frames: zxid, and the proposal's bytes as payload.

import { assertNever } from '../../protocol/assert.ts'
import type { ZabMessages } from '../../protocol/messages/zab.ts'
import type { Zxid } from '../../protocol/zxid.ts'
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
    default:
      assertNever(f.type as never)
  }
}
