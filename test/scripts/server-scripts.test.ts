// Sessions, watches and what a start makes of its disk, step by step: each script is a story. What the
// commands mean is in the stages beside this file.

import { runScripts } from '../support/script.ts'
import { logStage } from './log-recovery-stage.ts'
import { sessionsStage } from './sessions-stage.ts'
import { watchesStage } from './watches-stage.ts'

runScripts('sessions', 'scripts of the session manager', sessionsStage)
runScripts('watches', 'scripts of the watch dispatcher', watchesStage)
runScripts('log-recovery', 'scripts of a start', logStage)
