// Preloaded into a server that clinic looks at: clinic knows processes of one thread only.
//
// Its flame takes the first V8 log it finds in the current folder, and each worker thread writes
// one beside the main thread's: here the workers' are removed before clinic looks. Its doctor
// samples in every thread, and all write into one file, which cannot be read then: here the
// workers are given another name to write under.

import { readdirSync, rmSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

function logs(): string[] {
  return readdirSync('.').filter((name) => name.endsWith(`-${process.pid}-v8.log`))
}

if (isMainThread) {
  // There is no worker yet.
  const own = logs()
  process.env['NODE_CLINIC_DOCTOR_NAME'] = 'workers'
  process.on('exit', () => {
    for (const log of logs()) if (!own.includes(log)) rmSync(log)
  })
}
