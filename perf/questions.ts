// All questions, in the order in which they are asked.

import type { Question } from './question.ts'
import { throughput } from './questions/throughput.ts'

export const QUESTIONS: readonly Question[] = [throughput]
