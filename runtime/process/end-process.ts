// Ends the process, even if something in it hangs. process.exit waits for every thread. It would
// wait for ever for one that is in a call to a disk or a name server that does not answer, with all
// sockets open and nobody behind them. So a child is left behind, which kills the process if it is
// not gone after a second.

import { spawn } from 'node:child_process'

/** Only while its parent is still the process that started it. Otherwise that one is gone, and its
 * id may be somebody else's. */
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
    // There is no file descriptor for it.
  }
  process.exit(code)
}
