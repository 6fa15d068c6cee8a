// zab -> log, tree -> log and network -> log: LogMessages as frames: zxid, and the entry's bytes as
// payload. saveEpoch: a = 1 for the current epoch, 0 for the accepted one, b = epoch. What is read for
// learners: slot = link, a = index of the kind.

import { assertNever } from '../../protocol/assert.ts'
import type { EpochFile, LogMessages, ReadKind } from '../../protocol/messages/log.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Outbox } from '../ring/mailbox.ts'
import type { FrameView } from '../ring/ring.ts'
import { FrameType } from './frame-type.ts'

const READ_KINDS: readonly ReadKind[] = ['exact', 'near', 'snapshot']

export class LogSender implements LogMessages {
  readonly #out: Outbox

  constructor(out: Outbox) {
    this.#out = out
  }

  alone(): void {
    this.#out.send(FrameType.alone, 0, 0, ZXID_ZERO, 0, 0)
  }

  append(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.append, 0, 0, zxid, 0, 0, bytes, start, end)
  }

  snapshotSaved(zxid: Zxid): void {
    this.#out.send(FrameType.snapshotSaved, 0, 0, zxid, 0, 0)
  }

  snapshotFailed(): void {
    this.#out.send(FrameType.snapshotFailed, 0, 0, ZXID_ZERO, 0, 0)
  }

  saveEpoch(which: EpochFile, epoch: number): void {
    const isCurrent = which === 'current' ? 1 : 0
    this.#out.send(FrameType.saveEpoch, 0, 0, ZXID_ZERO, isCurrent, epoch)
  }

  truncate(zxid: Zxid): void {
    this.#out.send(FrameType.truncate, 0, 0, zxid, 0, 0)
  }

  install(zxid: Zxid): void {
    this.#out.send(FrameType.install, 0, 0, zxid, 0, 0)
  }

  reload(): void {
    this.#out.send(FrameType.reload, 0, 0, ZXID_ZERO, 0, 0)
  }

  whole(): void {
    this.#out.send(FrameType.whole, 0, 0, ZXID_ZERO, 0, 0)
  }

  settle(): void {
    this.#out.send(FrameType.settle, 0, 0, ZXID_ZERO, 0, 0)
  }

  beginRead(link: Link, kind: ReadKind, after: Zxid): void {
    this.#out.send(FrameType.beginRead, link, 0, after, READ_KINDS.indexOf(kind), 0)
  }

  readOn(link: Link): void {
    this.#out.send(FrameType.readOn, link, 0, ZXID_ZERO, 0, 0)
  }

  endRead(link: Link): void {
    this.#out.send(FrameType.endRead, link, 0, ZXID_ZERO, 0, 0)
  }
}

export function deliverToLog(f: FrameView, log: LogMessages): void {
  switch (f.type) {
    case FrameType.append:
      log.append(f.zxid, f.bytes, f.start, f.end)
      break
    case FrameType.alone:
      log.alone()
      break
    case FrameType.snapshotSaved:
      log.snapshotSaved(f.zxid)
      break
    case FrameType.snapshotFailed:
      log.snapshotFailed()
      break
    case FrameType.saveEpoch:
      log.saveEpoch(f.a === 1 ? 'current' : 'accepted', f.b)
      break
    case FrameType.truncate:
      log.truncate(f.zxid)
      break
    case FrameType.install:
      log.install(f.zxid)
      break
    case FrameType.reload:
      log.reload()
      break
    case FrameType.whole:
      log.whole()
      break
    case FrameType.settle:
      log.settle()
      break
    case FrameType.beginRead:
      log.beginRead(f.slot, READ_KINDS[f.a]!, f.zxid)
      break
    case FrameType.readOn:
      log.readOn(f.slot)
      break
    case FrameType.endRead:
      log.endRead(f.slot)
      break
    default:
      assertNever(f.type as never)
  }
}
