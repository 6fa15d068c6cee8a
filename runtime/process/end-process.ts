// Ends the process, also while something hangs in it. process.exit waits for every thread: for one
// that is in a call to a disk which does not answer, or asks a name server which does not, it would
// wait for ever, with all sockets open and nobody behind them. So a child is left behind that kills
// what is not gone after a second.

import { spawn } from 'node:child_process'

/** Only as long as its parent is the one it was started by: else that is gone, and perhaps its id is
 * somebody else's. */
const KILL_PARENT =
  'sleep 1; read -r _ _ _ parent _ </proc/$$/stat; [ "$parent" = "$0" ] && kill -9 "$0"'

export function endProcess(code: number): never {
  try {
    const options = { detached: true, stdio: 'ignore' } as const
    spawn('sh', ['-c', KILL_PARENT, String(process.pid)], options)
      // There is no shell, or no room for one.
      .on('error', () => undefined)
      .unref()
  } catch {
    // No file descriptor for it.
  }
  process.exit(code)
}
