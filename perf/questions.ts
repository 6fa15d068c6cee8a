// All questions, in the order in which they are asked.

import type { Question } from './question.ts'
import { budget } from './questions/budget.ts'
import { failover } from './questions/failover.ts'
import { fanOut } from './questions/fan-out.ts'
import { handshakes } from './questions/handshakes.ts'
import { latency } from './questions/latency.ts'
import { locks } from './questions/locks.ts'
import { memory } from './questions/memory.ts'
import { restart } from './questions/restart.ts'
import { scale } from './questions/scale.ts'
import { sessions } from './questions/sessions.ts'
import { snapshot } from './questions/snapshot.ts'
import { starved } from './questions/starved.ts'
import { throughput } from './questions/throughput.ts'
import { tls } from './questions/tls.ts'

export const QUESTIONS: readonly Question[] = [
  throughput,
  latency,
  budget,
  locks,
  failover,
  memory,
  restart,
  fanOut,
  sessions,
  snapshot,
  scale,
  starved,
  tls,
  handshakes,
]
