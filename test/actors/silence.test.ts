// For how long somebody silent is believed: a limit, more on a busy host, and never less because we
// were not there to hear.

import { ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { agreedMs, quickMs, Silence } from '../../actors/silence.ts'

describe('a silence', () => {
  test('is over after the limit, when what has come by then was read', () => {
    const silence = new Silence(320, 0)
    strictEqual(silence.endMs, 320)
    ok(!silence.isOver(320))
    strictEqual(silence.endMs, 325)
    ok(!silence.isOver(324))
    ok(silence.isOver(325))
    silence.heard(341)
    ok(!silence.isOver(660))
  })

  test('does not count the time in which we were stopped ourselves', () => {
    const silence = new Silence(500, 0)
    strictEqual(silence.endMs, 500)
    ok(!silence.isOver(5000), 'nobody was there to hear')
    strictEqual(silence.endMs, 5250)
    ok(!silence.isOver(5250))
    ok(silence.isOver(5255))
  })

  test('is over in the end where every tick comes late', () => {
    const silence = new Silence(500, 0)
    silence.allow(500, 2000, 0)
    silence.heard(700)
    let nowMs = 700
    for (let ticks = 0; !silence.isOver(nowMs); ticks++) {
      ok(ticks < 5, `not over at ${nowMs} ms`)
      nowMs = silence.endMs + 100
    }
    strictEqual(nowMs, 700 + 2000 + 100 + 1000 + 100 + 5 + 100)
    silence.heard(nowMs)
    strictEqual(silence.endMs, nowMs + 2000)
    ok(!silence.isOver(nowMs + 4000), 'and the next one begins anew')
    strictEqual(silence.endMs, nowMs + 5000)
  })

  test('is over soon when its limit becomes less', () => {
    const silence = new Silence(5000, 0)
    silence.heard(100)
    strictEqual(silence.endMs, 5100)
    silence.allow(200, 800, 700)
    strictEqual(silence.endMs, 705)
    ok(!silence.isOver(704))
    ok(silence.isOver(705))
  })

  test('may be longer where signs have come late lately, up to a bound', () => {
    const silence = new Silence(200, 0)
    silence.allow(200, 800, 0)
    silence.heard(50)
    strictEqual(silence.endMs, 250)
    silence.heard(200)
    strictEqual(silence.endMs, 200 + 3 * 150)
    silence.heard(600)
    strictEqual(silence.endMs, 600 + 800)
    let nowMs = 600
    while (nowMs < 60_000) {
      nowMs += 50
      silence.heard(nowMs)
    }
    strictEqual(silence.endMs, nowMs + 200)
  })

  test('covers some signs, whatever the settings say', () => {
    strictEqual(quickMs(200, 20), 200)
    strictEqual(quickMs(200, 80), 320)
  })

  test('that a quorum agrees on is over sooner, and no later than another', () => {
    for (const [agreedSilenceMs, silenceMs, intervalMs, ms] of [
      [150, 500, 25, 150],
      [150, 100, 25, 100],
      [150, 500, 100, 400],
      [50, 500, 25, 100],
    ] as const) {
      strictEqual(agreedMs({ agreedSilenceMs, silenceMs }, intervalMs), ms)
    }
  })
})
