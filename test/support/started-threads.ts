// The threads of a server that a test starts in its own process.

import type { ServerOptions } from '../../config/options.ts'
import { planDescriptors } from '../../runtime/process/descriptors.ts'
import type { StartedThreads } from '../../runtime/server.ts'
import { Threads } from '../../runtime/thread/threads.ts'

export function startedThreads(options: ServerOptions): StartedThreads {
  const descriptors = planDescriptors(options.ensemble)
  return { descriptors, threads: new Threads(options, descriptors) }
}
