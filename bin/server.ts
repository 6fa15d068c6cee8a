// The server. `zkServer.sh` runs this. A process needs a descriptor for each file that it loads at
// once: what has too few must say so before most of its code is loaded.

import { descriptorLimit, START_ALONE, tooFew } from '../runtime/process/descriptor-limit.ts'

const limit = descriptorLimit()
if (limit < START_ALONE) {
  const { createLogger } = await import('../runtime/process/logger.ts')
  createLogger('fatal').fatal(tooFew(limit, START_ALONE))
  process.exit(1)
}
await import('./launcher/run-server.ts')
