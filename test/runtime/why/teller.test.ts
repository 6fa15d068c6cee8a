// From facts to stories, purely: when the trouble began and ended, what was behind it, who noticed.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Fact, Fields } from '../../../runtime/why/fact.ts'
import { mergeStories } from '../../../runtime/why/merge.ts'
import type { Story } from '../../../runtime/why/story.ts'
import { storyText } from '../../../runtime/why/story-text.ts'
import { tellStories } from '../../../runtime/why/teller.ts'

const START_MS = 1_790_000_000_000

function at(seconds: number, event: string, fields: Fields = {}): Fact {
  return { wallMs: START_MS + seconds * 1000, actor: 'zab', event, fields }
}

function served(seconds: number, mode: string, epoch: number): Fact[] {
  const role = mode === 'leader' ? 'leading' : 'following'
  return [at(seconds, role, { epoch, leader: 9 }), at(seconds, 'serving', { mode })]
}

function summary({ kind, cause, fromMs, untilMs, epoch }: Story): unknown[] {
  const seconds = (ms: number): number => (ms - START_MS) / 1000
  return [kind, cause.kind, seconds(fromMs), untilMs === null ? null : seconds(untilMs), epoch]
}

function told(...facts: Fact[]): unknown[][] {
  return tellStories(facts, 1).map(summary)
}

describe('a disk that is nearly full', () => {
  const scarce = at(1, 'disk-scarce', { folder: 'data', freeBytes: 1_000_000 })
  const enough = at(9, 'disk-enough', { folder: 'data', freeBytes: 90_000_000 })

  test('is a story, whose end is when there is room', () => {
    deepStrictEqual(told(scarce, enough), [['full', 'disk', 1, 9, null]])
    const [story] = tellStories([scarce, enough], 0)
    match(storyText(story!), /the server refused writes for 8.0 s: its disk was nearly full/)
    match(storyText(story!), /only 1000 kB were free in data: it refused writes/)
  })

  test('goes on until then, or until the server starts again', () => {
    deepStrictEqual(told(scarce), [['full', 'disk', 1, null, null]])
    const restarted = told(scarce, at(5, 'started'), at(6, 'serving', { mode: 'standalone' }))
    deepStrictEqual(restarted[0], ['full', 'disk', 1, 5, null])
  })
})

describe('an outage', () => {
  const ends = served(2, 'follower', 4)
  const CAUSES: readonly (readonly [string, Fields, string])[] = [
    ['a socket that was closed', { why: 'the link to the leader 3 is gone' }, 'peer-closed'],
    ['a leader that was silent', { why: 'the leader 3 is silent' }, 'peer-silent'],
    ['a disk', { why: 'our own disk has synced nothing for 5000 ms' }, 'disk'],
    ['what zab says', { why: 'LEADERINFO twice' }, 'unknown'],
  ]
  for (const [name, fields, cause] of CAUSES) {
    test(`is because of ${name}`, () => {
      deepStrictEqual(told(at(1, 'role-ended', fields), ...ends), [['outage', cause, 1, 2, 4]])
    })
  }

  test('names the follower whose going left no quorum', () => {
    const [story] = tellStories(
      [
        at(0, 'learner-dropped', { server: 2, why: 'silent for 1500 ms' }),
        at(1, 'role-ended', { why: 'no quorum of followers left' }),
        ...ends,
      ],
      1,
    )
    deepStrictEqual(story?.cause.kind, 'peer-silent')
    match(story?.cause.words ?? '', /^too few followers were left: the follower 2 was silent/)
  })

  test('is because of this process if that stood still, and began with that', () => {
    const stall = at(1, 'stalled', { ms: 5000, cpuMs: 3 })
    const [story, outage] = tellStories(
      [stall, at(1.1, 'role-ended', { why: 'no quorum of followers left' }), ...ends],
      1,
    )
    deepStrictEqual(summary(story!), ['stall', 'stalled', -4, 1, null])
    deepStrictEqual(outage?.cause.kind, 'stalled')
    match(story?.cause.words ?? '', /stood still for 5.0 s: it was stopped/)
  })

  test('is not because of a stall that was over before', () => {
    const facts = [
      at(-2, 'stalled', { ms: 700, cpuMs: 3 }),
      at(0, 'role-ended', { why: 'the leader 3 is silent' }),
      ...ends,
    ]
    deepStrictEqual(told(...facts)[1]?.[1], 'peer-silent')
  })

  test('is not because of a short stall that was over for longer than it had taken', () => {
    const facts = [
      at(-0.8, 'stalled', { ms: 235, cpuMs: 3 }),
      at(0, 'role-ended', { why: 'the leader 3 is silent' }),
      ...ends,
    ]
    deepStrictEqual(told(...facts)[1]?.[1], 'peer-silent')
  })

  test('is because of a stall, though the role ended a tick after the followers had gone', () => {
    const facts = [
      at(0, 'stalled', { ms: 5000, cpuMs: 3 }),
      at(0.1, 'learner-gone', { server: 2 }),
      at(2, 'role-ended', { why: 'no quorum of followers left' }),
      ...served(3, 'follower', 4),
    ]
    deepStrictEqual(told(...facts)[1]?.[1], 'stalled')
  })

  test('is because the leader handed over', () => {
    const facts = [
      at(0, 'hands-over', { to: 'whom the others elect' }),
      at(0.1, 'role-ended', { why: 'another server is to lead' }),
      ...ends,
    ]
    deepStrictEqual(told(...facts)[0]?.[1], 'stopped')
  })

  test('is not because of a stall long ago', () => {
    const facts = [
      at(-60, 'stalled', { ms: 5000, cpuMs: 3 }),
      at(1, 'role-ended', { why: 'the leader 3 is silent' }),
      ...ends,
    ]
    deepStrictEqual(told(...facts)[1]?.[1], 'peer-silent')
  })

  test('goes on until somebody is served', () => {
    const silent = at(1, 'role-ended', { why: 'the leader 3 is silent' })
    deepStrictEqual(told(silent, at(1, 'looks')), [['outage', 'peer-silent', 1, null, null]])
    const readOnly = at(3, 'serving', { mode: 'read-only' })
    deepStrictEqual(told(silent, readOnly), [['outage', 'peer-silent', 1, null, null]])
  })

  test('a second role that fails belongs to it', () => {
    const silent = { why: 'the leader 3 is silent' }
    const facts = [at(0, 'role-ended', silent), at(1, 'role-ended', { why: 'no quorum in time' })]
    deepStrictEqual(told(...facts, ...ends), [['outage', 'peer-silent', 0, 2, 4]])
  })

  test('that the operator wanted says so', () => {
    const facts = [at(0, 'stopping', { signal: 'SIGTERM' }), at(1, 'stopped')]
    deepStrictEqual(told(...facts), [['outage', 'stopped', 0, 1, null]])
  })
})

describe('a start', () => {
  const starts = [at(5, 'started', { pid: 7 }), ...served(6, 'follower', 2)]

  test('is the first, or comes after a stop, a failure, or neither', () => {
    const before: readonly (readonly [Fact[], string])[] = [
      [[], 'started'],
      [[at(0, 'stopping'), at(1, 'stopped')], 'stopped'],
      [[at(1, 'failed', { problem: 'ENOSPC' })], 'failed'],
      [[at(1, 'looks'), ...served(1, 'leader', 1)], 'ended-without-stop'],
    ]
    for (const [facts, cause] of before) {
      deepStrictEqual(told(...facts, ...starts).at(-1), ['start', cause, 5, 6, 2])
    }
  })

  test('is the first, though its threads were quicker than its main thread', () => {
    const facts = [at(5, 'started'), at(4, 'looks'), ...served(6, 'follower', 2)]
    deepStrictEqual(told(...facts), [['start', 'started', 5, 6, 2]])
  })

  test('comes after the process before it, though the clock was set back between them', () => {
    const first = [at(50, 'started'), ...served(60, 'leader', 1), at(70, 'stopped')]
    deepStrictEqual(told(...first, ...starts), [
      ['start', 'stopped', 5, 6, 2],
      ['start', 'started', 50, 60, 1],
    ])
  })

  test('ends an outage that its process did not survive', () => {
    const facts = [at(1, 'role-ended', { why: 'the leader 3 is silent' }), ...starts]
    deepStrictEqual(told(...facts)[0], ['outage', 'peer-silent', 1, 5, null])
  })
})

describe('slow writes', () => {
  test('the log’s disk', () => {
    const facts = [at(2, 'log-sync-slow', { ms: 2000 }), at(2, 'write-slow', { ms: 2040 })]
    deepStrictEqual(told(...facts), [['slow', 'disk', -0.04, 2, null]])
  })

  const stages: readonly (readonly [string, number, Fact[], string])[] = [
    [
      'a server alone: the sync, and what the client waited for besides',
      0,
      [
        at(2, 'log-sync-slow', { ms: 1900 }),
        at(2.01, 'write-slow', { ms: 2000, zxid: '0x9', session: '0x1' }),
        at(2.02, 'request-slow', { ms: 2500, what: 'write', session: '0x1' }),
        at(2.02, 'request-slow', { ms: 9000, what: 'write', session: '0x2' }),
      ],
      'of 2.5 s: 1.9 s the sync of the log, 500 ms before it had its zxid (network, tree), 100 ms in front of the disk and the tree',
    ],
    [
      'a leader: the sync, the others, the tree',
      1,
      [
        at(1, 'log-sync-slow', { ms: 700 }),
        at(2, 'quorum-slow', { ms: 1500, zxid: '0x9', having: '1 2', lacking: '3' }),
        at(2.5, 'write-slow', { ms: 2200, zxid: '0x9', session: '0x1' }),
      ],
      'of 2.2 s: 800 ms the rest of the quorum, 700 ms the sync of the log, 700 ms from there to the tree',
    ],
    [
      'a leader whose own disk the quorum did without',
      1,
      [
        at(3, 'log-sync-slow', { ms: 3000 }),
        at(2, 'quorum-slow', { ms: 1500, zxid: '0x9', having: '2 3', lacking: '1' }),
        at(2, 'write-slow', { ms: 1505, zxid: '0x9', session: '0x1' }),
      ],
      'of 1.5 s: 1.5 s the rest of the quorum',
    ],
    [
      'a follower',
      2,
      [at(2, 'write-slow', { ms: 1200, zxid: '0x9', session: '0x1' })],
      'of 1.2 s: 1.2 s on its way through the ensemble',
    ],
  ]
  for (const [name, server, facts, words] of stages) {
    test(`how long each stage took, told by ${name}`, () => {
      const [story] = tellStories(facts, server)
      strictEqual(story?.cause.words.split('; ').at(-1), words)
    })
  }

  test('the quorum, and who made it complete', () => {
    const [story] = tellStories(
      [at(2, 'quorum-slow', { ms: 2000, having: '1 3', lacking: '2' })],
      1,
    )
    deepStrictEqual([story?.cause.kind, story?.cause.server], ['quorum', 3])
  })

  test('the leader’s own disk, when the others were quicker', () => {
    const facts = [at(2, 'quorum-slow', { ms: 2000, having: '2 3', lacking: '1' })]
    deepStrictEqual(told(...facts)[0]?.[1], 'disk')
  })

  test('the process, when it stood still', () => {
    const facts = [at(2, 'stalled', { ms: 3000, cpuMs: 0 }), at(2, 'request-slow', { ms: 3000 })]
    deepStrictEqual(
      told(...facts).map(([kind, cause]) => [kind, cause]),
      [
        ['stall', 'stalled'],
        ['slow', 'stalled'],
      ],
    )
  })

  test('follow one another in a story, and after a pause in the next', () => {
    const seconds = [0, 4, 8, 20]
    const facts = seconds.map((when) => at(when, 'write-slow', { ms: 1000 }))
    deepStrictEqual(
      told(...facts).map(([, , from, until]) => [from, until]),
      [
        [-1, 8],
        [19, 20],
      ],
    )
  })
})

describe('a lost session', () => {
  const known = { session: '0x1', timeoutMs: 4000, client: '10.0.0.1:5000' }

  test('of a client that said nothing', () => {
    const [story] = tellStories(
      [at(9, 'session-expired', { ...known, at: 'here', silentMs: 4100 })],
      1,
    )
    deepStrictEqual(story?.cause.kind, 'client-silent')
    match(
      storyText(story!),
      /0x1 expired: nothing from its client at 10.0.0.1:5000 for 4.1 s \(timeout 4.0 s\), though/,
    )
  })

  test('of a client that was gone', () => {
    const closed = { closedWallMs: START_MS + 4000, connection: 'closed' }
    const [story] = tellStories(
      [at(9, 'session-expired', { ...known, ...closed, at: 'nowhere' })],
      1,
    )
    deepStrictEqual(story?.cause.kind, 'client-gone')
    match(storyText(story!), /had ended 5.0 s before and it did not come back/)
  })

  test('many at once are one story', () => {
    const facts = [0, 1, 2].map((i) => at(i / 10, 'session-expired', { ...known, others: i * 10 }))
    const stories = tellStories(facts, 1)
    strictEqual(stories.length, 1)
    match(storyText(stories[0]!), /lost 33 sessions/)
  })
})

describe('a learner that a leader misses', () => {
  test('until it is up to date', () => {
    const facts = [
      at(0, 'learner-gone', { server: 2 }),
      at(3, 'synchronizes', { server: 2, by: 'SNAP', from: '0x1', to: '0x9' }),
      at(4, 'up-to-date', { server: 2, bytes: 20_000_000, ms: 900 }),
    ]
    deepStrictEqual(told(...facts), [['learner', 'peer-closed', 0, 4, null]])
    match(storyText(tellStories(facts, 1)[0]!), /server 2 is up to date: 20 MB in 900 ms/)
  })

  test('one that comes for the first time was not missed', () => {
    deepStrictEqual(
      told(at(0, 'synchronizes', { server: 2 }), at(1, 'up-to-date', { server: 2 })),
      [],
    )
  })
})

describe('the ensemble', () => {
  const silentLeader = [at(0, 'role-ended', { why: 'the leader 3 is silent' })]
  const followers = (epoch: number): Story[] => [
    ...tellStories([...silentLeader, ...served(1, 'leader', epoch)], 1),
    ...tellStories([...silentLeader, ...served(1.1, 'follower', epoch)], 2),
  ]

  test('knows from the one that was stopped why the others heard nothing', () => {
    const stopped = tellStories(
      [
        at(6, 'stalled', { ms: 7000, cpuMs: 1 }),
        at(6.1, 'role-ended', { why: 'no quorum of followers left' }),
        ...served(6.5, 'follower', 8),
      ],
      3,
    )
    const stories = mergeStories([...followers(8), ...stopped])
    deepStrictEqual(
      stories.map(({ causeKind, server, epoch, parts }) => [
        causeKind,
        server,
        epoch,
        parts.length,
      ]),
      [['stalled', 3, 8, 4]],
    )
  })

  test('calls it the network when each was silent to the other', () => {
    const cutOff = tellStories(
      [
        at(1, 'learner-dropped', { server: 1, why: 'silent for 1500 ms' }),
        at(1, 'learner-dropped', { server: 2, why: 'silent for 1500 ms' }),
        at(2, 'role-ended', { why: 'no quorum of followers left' }),
        ...served(9, 'follower', 8),
      ],
      3,
    )
    const [story] = mergeStories([...followers(8), ...cutOff])
    deepStrictEqual(story?.causeKind, 'link')
    match(story?.cause ?? '', /^the network between .*2 and 3.* was cut/)
  })

  test('keeps outages of different epochs apart, whatever the clocks say', () => {
    const late = followers(9).map((story) => ({ ...story, fromMs: story.fromMs - 500 }))
    const stories = mergeStories([...followers(8), ...late])
    deepStrictEqual(stories.map(({ epoch }) => epoch).sort(), [8, 9])
  })

  test('joins slow writes by their zxids', () => {
    const slow = (server: number, zxid: string): Story[] => {
      return tellStories([at(server * 9, 'log-sync-slow', { ms: 2000, zxid })], server)
    }
    const stories = mergeStories([...slow(1, '0x5'), ...slow(2, '0x5'), ...slow(3, '0x6')])
    deepStrictEqual(
      stories.map(({ parts }) => parts.length),
      [2, 1],
    )
  })
})
