// Four-letter words at the network loop: how they are told from a handshake, and how they are answered.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LoopFixture } from '../loop-fixture.ts'

const text = (characters: string): Uint8Array => Buffer.from(characters, 'latin1')

/** Cuts behind each of these places. */
function cut(whole: Uint8Array, ...places: readonly number[]): Uint8Array[] {
  return [0, ...places].map((from, i) => whole.slice(from, places[i] ?? whole.length))
}

describe('four-letter words', () => {
  const answers: Readonly<Record<string, () => Promise<string | AsyncIterable<string>>>> = {
    ruok: () => Promise.resolve('imok'),
    cons: () => Promise.resolve(long()),
    dump: () => Promise.reject(new Error('nobody knows')),
  }
  async function* long(): AsyncGenerator<string> {
    for (let i = 0; i < 4; i++) yield String(i).repeat(1024)
  }
  const fixtureOf = () => new LoopFixture({}, (word) => answers[word]?.() ?? null)
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  for (const [how, places] of Object.entries({ whole: [], 'byte by byte': [1, 2, 3] })) {
    it(`are answered, and the connection is closed: ${how}`, async () => {
      const fixture = fixtureOf()
      const client = fixture.accept()
      fixture.send(client, ...cut(text('ruok'), ...places))
      await settled()
      fixture.turn()
      deepStrictEqual([client.taken().toString(), client.isClosed], ['imok', true])
    })
  }
  it('are answered byte by byte by a server that serves nobody', async () => {
    const fixture = fixtureOf()
    fixture.loop.idle()
    const client = fixture.accept()
    for (const byte of cut(text('ruok'), 1, 2, 3)) {
      fixture.pass(300)
      fixture.send(client, byte)
    }
    await settled()
    fixture.turn()
    deepStrictEqual([client.taken().toString(), client.isClosed], ['imok', true])
  })
  it('are answered to who has sent its end behind them', async () => {
    const fixture = fixtureOf()
    const client = fixture.accept()
    fixture.send(client, text('ruok'))
    client.socket.emit('end')
    await settled()
    fixture.turn()
    deepStrictEqual([client.taken().toString(), client.isClosed], ['imok', true])
  })
  it('have answers as long as their clients take', async () => {
    const fixture = fixtureOf()
    const client = fixture.accept()
    client.room = 100
    fixture.send(client, text('cons'))
    let came = ''
    for (let i = 0; i < 100 && !client.isClosed; i++) {
      await settled()
      came += client.taken()
      client.room = 100
      fixture.turn()
    }
    strictEqual(came + client.taken(), [0, 1, 2, 3].map((i) => String(i).repeat(1024)).join(''))
  })
  it('are not answered for longer than half a minute to who takes nothing', async () => {
    const fixture = fixtureOf()
    const client = fixture.accept()
    client.room = 0
    fixture.send(client, text('cons'))
    await settled()
    fixture.pass(29_900)
    await settled()
    strictEqual(client.isClosed, false)
    fixture.pass(100)
    await settled()
    strictEqual(client.isClosed, true)
  })
  it('that nobody can answer close the connection', async () => {
    const fixture = fixtureOf()
    const client = fixture.accept()
    fixture.send(client, text('dump'))
    await settled()
    deepStrictEqual([client.taken().length, client.isClosed], [0, true])
  })
  it('that are none are the length of a frame, too large', () => {
    const fixture = fixtureOf()
    const client = fixture.accept()
    fixture.send(client, text('nope'))
    deepStrictEqual([client.isClosed, fixture.refused], [true, ['frame-length']])
  })
  it('come first or not at all: behind a handshake they are a length', () => {
    const fixture = fixtureOf()
    const client = fixture.open(0)
    fixture.send(client, text('ruok'))
    deepStrictEqual([client.isClosed, fixture.refused], [true, ['frame-length']])
  })
})
