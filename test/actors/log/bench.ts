// A log on a simulated or real disk, with recorded effects.

import { snapshotName, snapshotTemporary } from '../../../actors/log/files/file-names.ts'
import type { Files } from '../../../actors/log/files/files.ts'
import { EntryBuffer, logHeader } from '../../../actors/log/files/segment.ts'
import { Log } from '../../../actors/log/log.ts'
import type { LogHooks, LogNeighbours, LogOptions } from '../../../actors/log/options.ts'
import { adler32 } from '../../../protocol/bytes/adler32.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import type { TreeLogMessages } from '../../../protocol/messages/tree.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { SESSION_NONE } from '../../../protocol/session-id.ts'
import { TXN_ZXID_AT, writeTxnHeader } from '../../../protocol/txn.ts'
import { formatZxid, ZXID_ZERO, type Zxid, zxidOf } from '../../../protocol/zxid.ts'

export const OPTIONS: LogOptions = {
  entryBytesMax: 1024 * 1024,
  batchBytesMax: 1024 * 1024,
  preAllocSizeBytes: 16 * 1024,
  txnLogSizeLimitBytes: -1,
  snapCount: 100_000,
  snapSizeLimitBytes: -1,
  snapshotTrustEmpty: false,
  forceSync: true,
  fsyncWarningThresholdMs: 1000,
  purge: true,
  snapRetainCount: 3,
  logRetentionBytes: 0,
  logRetentionMs: 0,
  ensemble: false,
  rejoins: false,
  commitLogCount: 500,
  pieceBytesMax: 256 * 1024,
  nearBytesMax: 1024 * 1024,
  snapshotSizeFactor: 0.33,
  heldBytesMax: 2 ** 32,
}

/** A seeded generator (mulberry32): integers from 0 to bound - 1. */
export function seeded(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % bound
  }
}

export function z(epoch: number, counter: number): Zxid {
  return zxidOf(epoch, counter)
}

/** An error transaction with some bytes behind it, different for every zxid. */
export function transaction(zxid: Zxid, extraBytes: number): Uint8Array {
  const writer = new JuteWriter()
  writeTxnHeader(writer, {
    sessionId: SESSION_NONE,
    cxid: 7,
    zxid,
    timeMs: 1_700_000_000_000,
    type: OpCode.error,
  })
  writer.int(-101)
  for (let i = 0; i < extraBytes; i++) writer.byte(((zxid % 251) + i) | 0)
  return writer.finish()
}

/** A log file's bytes as they come out of any of the two servers. */
export function logFile(payloads: readonly Uint8Array[]): Uint8Array {
  const buffer = new EntryBuffer(1024)
  for (const payload of payloads) buffer.add(payload, 0, payload.length)
  return concat([logHeader(), buffer.bytes.subarray(0, buffer.length)])
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

export class Recorder implements TreeLogMessages {
  /** In the order of the calls: `['replay', '0x1']`. */
  readonly effects: string[][] = []
  /** What zab is told of the last transactions read. */
  readonly recalled: { previous: Zxid; zxid: Zxid; bytes: Uint8Array }[] = []
  readonly replayed: Map<Zxid, Uint8Array> = new Map()
  readonly events: string[] = []
  readonly eventFields: Record<string, string | number>[] = []
  body: Uint8Array[] = []
  /** Of a snapshot, read for a learner. */
  readonly pieces: Uint8Array[] = []
  synced: Zxid = ZXID_ZERO
  recoveredTo: Zxid | null = null
  snapshotsDue = 0

  loading(): void {
    this.effects.push(['loading'])
  }

  snapshotBegin(zxid: Zxid): void {
    this.body = []
    this.#record('snapshotBegin', zxid)
  }

  snapshotPiece(bytes: Uint8Array, start: number, end: number): void {
    this.body.push(bytes.slice(start, end))
  }

  snapshotEnd(zxid: Zxid): void {
    this.#record('snapshotEnd', zxid)
  }

  replay(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.replayed.set(zxid, bytes.slice(start, end))
    this.#record('replay', zxid)
  }

  recovered(zxid: Zxid): void {
    this.recoveredTo = zxid
    this.#record('recovered', zxid)
  }

  snapshotDue(): void {
    this.snapshotsDue++
    this.effects.push(['snapshotDue'])
  }

  snapshotWanted(): void {
    this.effects.push(['snapshotWanted'])
  }

  snapshotNow(zxid: Zxid): void {
    this.#record('snapshotNow', zxid)
  }

  fenced(): void {
    this.effects.push(['tree fenced'])
  }

  committed(zxid: Zxid): void {
    this.#record('committed', zxid)
  }

  onSynced(zxid: Zxid): void {
    this.synced = zxid
    this.#record('synced', zxid)
  }

  /** What zab hears. */
  get zab(): LogNeighbours['zab'] {
    const { effects } = this
    return {
      synced: (zxid) => this.onSynced(zxid),
      epochs: (accepted, current) => effects.push(['epochs', `${accepted}/${current}`]),
      recalled: (previous, zxid, bytes, start, end) =>
        this.recalled.push({ previous, zxid, bytes: bytes.slice(start, end) }),
      epochSaved: (which) => effects.push(['epochSaved', which]),
      truncated: (last) => this.#record('truncated', last),
      installed: () => effects.push(['installed']),
      fenced: () => effects.push(['fenced']),
      readBegun: (link, from, bySnapshot) =>
        effects.push(['readBegun', `${link}`, formatZxid(from), bySnapshot ? 'SNAP' : 'log']),
      pieceRead: (link, last, bytes, start, end) => {
        this.pieces.push(bytes.slice(start, end))
        effects.push(['pieceRead', `${link}`, last ? 'last' : ''])
      },
      entriesRead: (link, bytes, start, end) =>
        effects.push(['entriesRead', `${link}`, ...zxidsIn(bytes, start, end)]),
      readFailed: (link, why) => effects.push(['readFailed', `${link}`, why]),
      damaged: () => effects.push(['damaged']),
    }
  }

  /** Since the last call. */
  taken(): string[][] {
    return this.effects.splice(0)
  }

  #record(kind: string, zxid: Zxid): void {
    this.effects.push([kind, formatZxid(zxid)])
  }
}

/** Of transactions behind their lengths. */
function zxidsIn(bytes: Uint8Array, start: number, end: number): string[] {
  const reader = new JuteReader(bytes, start, end)
  const zxids: string[] = []
  while (reader.remaining > 0) {
    const length = reader.int()
    zxids.push(formatZxid(new JuteReader(bytes, reader.offset + TXN_ZXID_AT).zxid()))
    reader.skip(length)
  }
  return zxids
}

export interface Bench {
  log: Log
  recorder: Recorder
  clock: { nowMs: number; wallMs: number }
}

export function bench(files: Files, changes: Partial<LogOptions> = {}): Bench {
  const recorder = new Recorder()
  const clock = { nowMs: 0, wallMs: 0 }
  const gauge = { set: () => undefined, add: () => undefined }
  const meter = { observe: () => undefined }
  const hooks: LogHooks = {
    log: (_level, event, fields) => {
      recorder.events.push(event)
      recorder.eventFields.push({ ...fields })
    },
    stopwatchMs: () => 0,
    random: seeded(1),
    gauges: {
      ...{ appended: gauge, syncs: gauge, bytesWritten: gauge, syncMicros: gauge },
      ...{ fsyncTime: meter, batchSize: meter },
    },
  }
  const options = { ...OPTIONS, ...changes }
  const log = new Log(options, files, clock, { zab: recorder.zab, tree: recorder }, hooks)
  return { log, recorder, clock }
}

/** Turns until nothing is left to do. */
export function settle({ log }: Bench): void {
  while (log.endTurn());
}

/** A log that has recovered. */
export function started(files: Files, changes: Partial<LogOptions> = {}): Bench {
  const made = bench(files, changes)
  settle(made)
  return made
}

/** Ticks if a tick is wanted. */
export function later({ log, clock }: Bench): void {
  if (log.nextTickMs() === Infinity) return
  clock.nowMs = log.nextTickMs()
  log.tick()
}

export function append(log: Log, zxid: Zxid, extraBytes: number): void {
  const bytes = transaction(zxid, extraBytes)
  log.append(zxid, bytes, 0, bytes.length)
}

/** A snapshot file: header, body, seal. The log does not look into the body. */
export function snapshotFile(body: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(16 + body.length + 13)
  bytes.write('ZKSN')
  bytes.writeInt32BE(2, 4)
  bytes.writeBigInt64BE(-1n, 8)
  bytes.set(body, 16)
  const end = 16 + body.length
  bytes.writeUInt32BE(adler32(1, bytes, 0, end), end + 4)
  bytes.writeInt32BE(1, end + 8)
  bytes[end + 12] = 0x2f
  return new Uint8Array(bytes)
}

/** As the real writer does: complete and durable before it has its name. */
export function writeSnapshot(disk: Files, zxid: Zxid, state: number): void {
  const name = snapshotName(zxid, '')
  const bytes = snapshotFile(Uint8Array.of(state))
  const file = disk.open('snapshot', snapshotTemporary(name), 'write')
  file.truncate(0)
  file.write(bytes, 0, bytes.length, 0)
  file.sync()
  disk.rename('snapshot', snapshotTemporary(name), name)
  disk.syncFolder('snapshot')
}

/** What was thrown first. */
export function causedBy(error: unknown): unknown {
  let cause = error
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause
  return cause
}
