// Prints the transactions in a log file, as ZooKeeper's zkTxnLogToolkit.sh -d does.
//
//   node dist/bin/log-dump.js [-d] log.<zxid>
//
// Exits with 0 at the end of the log, with 1 if an entry is damaged, and with 2 if it is called
// wrongly.

import { basename, dirname } from 'node:path'
import { type Found, LogScanner } from '../actors/log/files/log-scanner.ts'
import { NodeFiles } from '../runtime/disk/files.ts'
import { txnText } from '../runtime/disk/txn-text.ts'

const ENTRY_BYTES_MAX = 2 ** 30
const OUTPUT_LINES = 1000

function main(args: readonly string[]): number {
  const paths = args.filter((arg) => arg !== '-d' && arg !== '--dump')
  const path = paths[0]
  if (paths.length !== 1 || path === undefined || path.startsWith('-')) {
    console.error('usage: zkTxnLogToolkit.sh [-d] <log file>')
    return 2
  }
  const folder = dirname(path)
  const file = new NodeFiles(folder, folder).open('log', basename(path), 'read')
  const scanner = new LogScanner(basename(path), file, ENTRY_BYTES_MAX)
  const header = scanner.header()
  if (header !== 'valid') {
    console.error(`${path}: this is no transaction log`)
    return 2
  }
  console.log('ZooKeeper Transactional Log File with dbid 0 txnlog format version 2')
  const format = new Intl.DateTimeFormat('en-US', { dateStyle: 'short', timeStyle: 'long' })
  let lines: string[] = []
  let count = 0
  let found: Found = scanner.next()
  for (; found === 'entry'; found = scanner.next()) {
    lines.push(txnText(scanner.bytes, scanner.start, scanner.end, (ms) => format.format(ms)))
    count++
    if (lines.length < OUTPUT_LINES) continue
    console.log(lines.join('\n'))
    lines = []
  }
  if (lines.length > 0) console.log(lines.join('\n'))
  if (found === 'end') {
    console.log(`EOF reached after ${count} txns.`)
    return 0
  }
  const next = scanner.entryFrom(scanner.offset, scanner.zxid)
  const rest = next < 0 ? 'no whole entry follows' : `a whole entry follows at ${next}`
  console.error(`Damaged or cut short at offset ${scanner.offset} after ${count} txns; ${rest}.`)
  return 1
}

try {
  process.exitCode = main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}
