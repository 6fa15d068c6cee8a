// zkTxnLogToolkit: prints a transaction log, mends its checksums, or cuts it after a zxid (ZooKeeper's
// TxnLogToolkit and LogChopper).

import { closeSync, existsSync, fsyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Found, LogScanner } from '../../actors/log/files/log-scanner.ts'
import { EntryBuffer, logHeader } from '../../actors/log/files/segment.ts'
import { ADLER32_START, adler32 } from '../../protocol/bytes/adler32.ts'
import { counterOf, epochOf, hexOf, isNext, ZXID_NONE, type Zxid } from '../../protocol/zxid.ts'
import { NodeFiles } from '../../runtime/disk/files.ts'
import { txnText } from '../../runtime/disk/txn-text.ts'
import { type Output, Progress, ToolError } from './output.ts'

const ENTRY_BYTES_MAX = 2 ** 30
const PIECE_BYTES = 1 << 20
const FAILED = 1
const BAD_INVOCATION = 2
const BEGINNING = 'ZooKeeper Transactional Log File with dbid 0 txnlog format version 2'

export const TXN_LOG_HELP = `usage: TxnLogToolkit [-dhrvc] <txn_log_file_name> (-z <zxid>)
 -c,--chop         Chop mode. Chop txn file to a zxid.
 -d,--dump         Dump mode. Dump all entries of the log file with printing the content of a nodepath (default)
 -h,--help         Print help message
 -r,--recover      Recovery mode. Re-calculate CRC for broken entries.
 -v,--verbose      Be verbose in recovery mode: print all entries, not just fixed ones.
 -y,--yes          Non-interactive mode: repair all CRC errors without asking
 -z,--zxid <arg>   Used with chop. Zxid to which to chop.
`

type Request = Readonly<ReturnType<typeof read>>

function read(args: readonly string[]) {
  const flag = (short: string) => ({ type: 'boolean', short, default: false }) as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      chop: flag('c'),
      dump: flag('d'),
      help: flag('h'),
      recover: flag('r'),
      verbose: flag('v'),
      yes: flag('y'),
      zxid: { type: 'string', short: 'z' },
    },
  })
  return { ...values, path: positionals[0] }
}

/** The exit code. Throws ToolError. */
export function txnLogToolkit(args: readonly string[], output: Output): number {
  const request = requestOf(args, output)
  const { path } = request
  if (request.help || path === undefined) {
    output.write(TXN_LOG_HELP)
    return request.help ? 0 : FAILED
  }
  if (!existsSync(path)) throw new ToolError(`File doesn't exist or not readable: ${path}`, FAILED)
  const folder = dirname(path)
  const file = new NodeFiles(folder, folder).open('log', basename(path), 'read')
  const scanner = new LogScanner(basename(path), file, ENTRY_BYTES_MAX)
  try {
    if (request.chop && request.zxid !== undefined) {
      return chop(scanner, path, zxidFrom(request.zxid), output)
    }
    return dump(scanner, path, request, output)
  } finally {
    file.close()
  }
}

function requestOf(args: readonly string[], output: Output): Request {
  try {
    return read(args)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    output.write(TXN_LOG_HELP)
    throw new ToolError(problem, FAILED)
  }
}

/** Decimal, or hexadecimal behind 0x (Long.decode). */
function zxidFrom(text: string): Zxid {
  const number = /^(?:0x[0-9a-f]{1,16}|\d{1,16})$/i.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(number)) return number as Zxid
  throw new ToolError(`-z ${text}: must be a zxid, decimal or 0x and hexadecimal digits`, FAILED)
}

function dump(scanner: LogScanner, path: string, request: Request, output: Output): number {
  const copy = request.recover ? Copy.begin(`${path}.fixed`) : null
  try {
    return dumpTo(copy, scanner, request, output)
  } catch (error) {
    copy?.discard()
    throw error
  }
}

function dumpTo(
  copy: Copy | null,
  scanner: LogScanner,
  { verbose, yes }: Request,
  output: Output,
): number {
  requireHeader(scanner)
  output.line(BEGINNING)
  const progress = new Progress(scanner.name, scanner.size)
  let count = 0
  let fixed = 0
  for (;;) {
    const before = scanner.offset
    const found = scanner.next()
    if (found === 'end') break
    let checksum = scanner.checksum
    if (found === 'bad') {
      if (!scanner.passBad()) return damaged(scanner, count, output)
      checksum = scanner.checksum
      output.line(`${copy !== null && yes ? 'CRC FIXED' : 'CRC ERROR'} - ${textOf(scanner)}`)
      if (copy !== null && (yes || isFixWanted(output))) {
        checksum = adler32(ADLER32_START, scanner.bytes, scanner.start, scanner.end)
        fixed++
      }
    }
    if (copy === null || verbose) output.line(textOf(scanner))
    copy?.add(scanner, checksum)
    count++
    progress.add(scanner.offset - before)
  }
  output.line(`EOF reached after ${count} txns.`)
  if (copy === null) return 0
  copy.finish()
  output.line(`Recovery file ${copy.path} has been written with ${fixed} fixed CRC error(s)`)
  return 0
}

function damaged(scanner: LogScanner, count: number, output: Output): number {
  output.flush()
  const next = scanner.entryFrom(scanner.offset, scanner.zxid)
  const rest = next < 0 ? 'no whole entry follows' : `a whole entry follows at ${next}`
  throw new ToolError(
    `Damaged or cut short at offset ${scanner.offset} after ${count} txns; ${rest}.`,
    FAILED,
  )
}

function chop(scanner: LogScanner, path: string, zxid: Zxid, output: Output): number {
  const copy = Copy.begin(`${path}.chopped${zxid}`)
  const chopped = chopTo(copy, scanner, zxid, output)
  if (chopped) {
    copy.finish()
    return 0
  }
  copy.discard()
  output.line(`Got exception: Failed to chop ${scanner.name}`)
  return BAD_INVOCATION
}

/** Whether the log went on behind the zxid, and held it. */
function chopTo(copy: Copy, scanner: LogScanner, zxid: Zxid, output: Output): boolean {
  requireHeader(scanner)
  output.line(BEGINNING)
  const progress = new Progress(scanner.name, scanner.size)
  let count = 0
  let previous: Zxid = ZXID_NONE
  for (;;) {
    const before = scanner.offset
    const found: Found = scanner.next()
    if (found === 'end') {
      output.line(`EOF reached after ${count} txns.`)
      return false
    }
    if (found === 'bad') {
      output.line(`The entry at offset ${scanner.offset} is damaged.`)
      return false
    }
    if (previous !== ZXID_NONE && !isNext(previous, scanner.zxid)) {
      sayGap(previous, scanner.zxid, output)
    }
    if (scanner.zxid > zxid) {
      if (previous !== zxid) {
        output.line(`This log does not contain zxid ${hexOf(zxid)}`)
        return false
      }
      output.line(`Chopping at ${hexOf(zxid)} new log has ${count} records`)
      return true
    }
    previous = scanner.zxid
    copy.add(scanner, scanner.checksum)
    count++
    progress.add(scanner.offset - before)
  }
}

function sayGap(previous: Zxid, next: Zxid, output: Output): void {
  const isSameEpoch = epochOf(previous) === epochOf(next)
  if (!isSameEpoch && counterOf(next) === 1) return
  const kind = isSameEpoch ? 'intra-epoch' : 'inter-epoch'
  output.line(`There is ${kind} gap between ${hexOf(previous)} and ${hexOf(next)}`)
}

function requireHeader(scanner: LogScanner): void {
  if (scanner.header() === 'valid') return
  throw new ToolError(`Invalid magic number for ${scanner.name}`, BAD_INVOCATION)
}

const FORMAT: Intl.DateTimeFormat = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'short',
  timeStyle: 'long',
})

function textOf({ bytes, start, end }: LogScanner): string {
  try {
    return txnText(bytes, start, end, (ms) => FORMAT.format(ms))
  } catch (error) {
    return `not a transaction: ${error instanceof Error ? error.message : error}`
  }
}

/** Asks until it is told, as ZooKeeper does: yes, no, or abort. */
function isFixWanted(output: Output): boolean {
  for (;;) {
    output.write('Would you like to fix it (Yes/No/Abort) ? ')
    output.flush()
    const answer = readLine()
    if (answer === null || /^a/i.test(answer)) throw new ToolError('Recovery aborted.', 0)
    if (/^y/i.test(answer)) return true
    if (/^n/i.test(answer)) return false
  }
}

/** Null at the end of standard input. */
function readLine(): string | null {
  const byte = Buffer.alloc(1)
  let line = ''
  for (;;) {
    if (readSync(0, byte, 0, 1, null) === 0) return line === '' ? null : line
    if (byte[0] === 0x0a) return line
    line += byte.toString('latin1')
  }
}

/** The file that is written: it is there whole, or not at all. */
class Copy {
  readonly path: string
  readonly #descriptor: number
  readonly #entries = new EntryBuffer(PIECE_BYTES)

  private constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  static begin(path: string): Copy {
    try {
      const copy = new Copy(path, openSync(path, 'wx'))
      writeSync(copy.#descriptor, logHeader())
      return copy
    } catch {
      throw new ToolError(`Recovery file ${path} already exists or not writable`, FAILED)
    }
  }

  /** Appends the scanner's entry with this checksum. */
  add({ bytes, start, end }: LogScanner, checksum: number): void {
    const at = this.#entries.length
    this.#entries.add(bytes, start, end)
    const view = new DataView(this.#entries.bytes.buffer)
    view.setUint32(at + 4, checksum)
    if (this.#entries.length >= PIECE_BYTES) this.#flush()
  }

  finish(): void {
    this.#flush()
    fsyncSync(this.#descriptor)
    closeSync(this.#descriptor)
  }

  discard(): void {
    closeSync(this.#descriptor)
    rmSync(join(this.path), { force: true })
  }

  #flush(): void {
    const { bytes, length } = this.#entries
    for (let done = 0; done < length; ) {
      done += writeSync(this.#descriptor, bytes, done, length - done)
    }
    this.#entries.reset()
  }
}
