// Elections, leaders and followers, step by step: each script is a story of one server, told by what it
// hears and what it makes of that. What the commands mean is in the stages beside this file.

import { strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { played, runScripts } from '../support/script.ts'
import { electionStage } from './election-stage.ts'
import { followerStage } from './follower-stage.ts'
import { leaderStage } from './leader-stage.ts'

runScripts('election', 'scripts of an election', electionStage)
runScripts('leader', 'scripts of a leader', leaderStage)
runScripts('follower', 'scripts of a follower', followerStage)

describe('a script', () => {
  test('keeps its comments and commands, and gets what they come to', () => {
    const echo = ({ name, words }: { name: string; words: readonly string[] }): string[] => {
      return name === 'say' ? [...words] : []
    }
    const script = '# Title.\n\nsay a b\nsay c\n----\nold\n\n# Why.\nkeep quiet\n'
    const whole =
      '# Title.\n\nsay a b\nsay c\n----\na\nb\nc\n\n# Why.\nkeep quiet\n----\n(nothing)\n'
    strictEqual(played(script, echo), whole)
    strictEqual(played(whole, echo), whole)
  })
})
