// The command line of `npm run perf`.

import { deepStrictEqual, match } from 'node:assert'
import { describe, it } from 'node:test'
import { helpText, type PerfRequest, parsePerf } from '../../perf/arguments.ts'
import { QUESTIONS } from '../../perf/questions.ts'

function parsed(...args: string[]): PerfRequest {
  const request = parsePerf(args, QUESTIONS)
  if (request === 'help' || 'problem' in request) throw new Error(JSON.stringify(request))
  return request
}

describe('the command line of npm run perf', () => {
  const names = QUESTIONS.map(({ name }) => name)
  const asked: [string[], string[]][] = [
    [['all'], names],
    [['latency'], ['latency']],
    [
      ['memory', 'restart', '--quick'],
      ['memory', 'restart'],
    ],
    [['report', 'a.jsonl'], []],
  ]
  for (const [args, wanted] of asked) {
    it(`asks ${args.join(' ')}`, () => {
      deepStrictEqual(
        parsed(...args).questions.map(({ name }) => name),
        wanted,
      )
    })
  }

  const problems: [string[], RegExp][] = [
    [[], /which question/],
    [['speed'], /no question speed/],
    [['latency', 'speed'], /no question speed/],
    [['all', '--against', 'etcd'], /--against/],
    [['all', '--repetitions', '0'], /--repetitions/],
    [['all', '--nonsense'], /nonsense/],
    [['report'], /of which files/],
  ]
  for (const [args, problem] of problems) {
    it(`refuses ${args.join(' ') || 'nothing'}`, () => {
      const request = parsePerf(args, QUESTIONS)
      match(typeof request === 'object' && 'problem' in request ? request.problem : '', problem)
    })
  }

  it('hands on what was given for the questions', () => {
    const { values, repetitions, againstApache } = parsed(
      ...['throughput', '--against', 'apache', '--servers', '5', '--bytes', '1000', '--quick'],
    )
    deepStrictEqual(
      [values['servers'], values['bytes'], values['shapes']],
      ['5', '1000', undefined],
    )
    deepStrictEqual([repetitions, againstApache], [2, true])
  })

  it('has no option of two meanings', () => {
    const options = QUESTIONS.flatMap(({ options: own }) => Object.keys(own))
    deepStrictEqual(options.length, new Set(options).size)
  })

  it('names every question and option in its help', () => {
    const help = helpText(QUESTIONS)
    for (const { name, summary, options } of QUESTIONS) {
      for (const part of [name, summary, ...Object.keys(options).map((option) => `--${option}`)]) {
        deepStrictEqual(help.includes(part), true, part)
      }
    }
  })
})
