// Whose data is meant: a zoo.cfg that names it, or the folder itself.

import { existsSync, statSync } from 'node:fs'
import { readConfiguration } from '../../config/arguments.ts'
import { ConfigurationError } from '../../config/configuration.ts'
import { ToolError } from '../tools/output.ts'

const BAD_INVOCATION = 2

export interface DataFolders {
  readonly dataDir: string
  readonly dataLogDir: string
}

/** Throws ToolError. `log`: the dataLogDir, if a folder is named and that is another one. */
export function dataFolders(from: string, log: string | undefined): DataFolders {
  if (!existsSync(from)) throw new ToolError(`there is no ${from}`, BAD_INVOCATION)
  if (statSync(from).isDirectory()) return { dataDir: from, dataLogDir: log ?? from }
  if (log !== undefined) throw new ToolError('--log: zoo.cfg names it already', BAD_INVOCATION)
  try {
    const { dataDir, dataLogDir } = readConfiguration([from], {}).options
    return { dataDir, dataLogDir }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new ToolError(error.message, BAD_INVOCATION)
  }
}
