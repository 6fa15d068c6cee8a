// The tools with ZooKeeper's names: node dist/bin/tool.js zkTxnLogToolkit [argument...]

import { cleanup } from './tools/cleanup.ts'
import { Output, ToolError } from './tools/output.ts'
import { snapshotComparer } from './tools/snapshot-compare.ts'
import { snapshotSummary } from './tools/snapshot-summary.ts'
import { snapshotToolkit } from './tools/snapshot-text.ts'
import { txnLogToolkit } from './tools/txn-log.ts'

type Tool = (args: readonly string[], output: Output) => number | Promise<number>

const TOOLS: Readonly<Record<string, Tool>> = {
  zkCleanup: cleanup,
  zkSnapShotToolkit: snapshotToolkit,
  zkSnapshotComparer: snapshotComparer,
  zkSnapshotRecursiveSummaryToolkit: snapshotSummary,
  zkTxnLogToolkit: txnLogToolkit,
}

const FAILED = 1
const BAD_INVOCATION = 2

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const tool = TOOLS[name]
  if (tool === undefined) {
    process.stderr.write(`Usage: ringkeeper tool NAME ...\nNAME: ${Object.keys(TOOLS).join(' ')}\n`)
    return BAD_INVOCATION
  }
  const output = new Output()
  try {
    return await tool(args, output)
  } catch (error) {
    output.flush()
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return error instanceof ToolError ? error.code : FAILED
  } finally {
    output.flush()
  }
}

process.exitCode = await main(process.argv.slice(2))
