// A server of ours whose disk has lost what it acknowledged, among Apache's: to them it is nobody that
// votes until it has everything back.

import { match, ok, strictEqual } from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { APACHE_MISSING } from '../../support/apache.ts'
import { until } from '../../support/until.ts'
import { type Member, SERVING_MS_MAX } from './member.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'

const WRITES = 20
/** What Apache's server says each time it asks again who leads. */
const ASKED_AGAIN = /Notification time out/g

describe('a damaged server of ours among Apache’s', { skip: APACHE_MISSING }, () => {
  let ensemble: MixedEnsemble
  let [first, second, ours]: Member[] = []

  before(async () => {
    ensemble = await MixedEnsemble.prepare({ kinds: ['apache', 'apache', 'ours'] })
    ;[first, second, ours] = ensemble.members
    await ensemble.start(2)
    await write('/all', second!)
  })
  after(() => ensemble.stop())

  test('is no quorum with one that lags', async () => {
    await first!.kill()
    await write('/without-the-first', second!)
    await ours!.stop()
    await second!.kill()
    damage(ours!)
    for (const member of [ours!, first!]) member.start()
    await until('they have asked each other for long', SERVING_MS_MAX, () => {
      return (first!.log.match(ASKED_AGAIN)?.length ?? 0) >= 4
    })
    match(ours!.log, /damaged/)
    match(ours!.log, /votes-for-nobody/)
    for (const member of [ours!, first!]) strictEqual(await member.mode(), null)
  })

  test('has everything back from a leader that two of Apache’s elect, and votes again', async () => {
    second!.start()
    await ensemble.serves()
    strictEqual(await second!.mode(), 'leader')
    match(ours!.log, /whole-again/)
    await ours!.learned('SNAP')
    const tree = await ensemble.agrees()
    ok(tree.has(`/without-the-first-${WRITES - 1}`))
    await first!.kill()
    await write('/with-ours', second!)
    await second!.kill()
    first!.start()
    await ensemble.serves()
    ok((await ensemble.agrees()).has(`/with-ours-${WRITES - 1}`))
  })

  async function write(path: string, to: Member): Promise<void> {
    await ensemble.with(to, async (client) => {
      const paths = Array.from({ length: WRITES }, (_, i) => `${path}-${i}`)
      await Promise.all(paths.map((each) => client.create(each, Buffer.from(path))))
    })
  }
})

/** Flips a bit in the last transaction that was logged. */
function damage(member: Member): void {
  const folder = join(member.data, 'version-2')
  const logs = readdirSync(folder).filter((name) => /^log\.[1-9a-f]/.test(name))
  const newest = join(
    folder,
    logs.sort((a, b) => parseInt(b.slice(4), 16) - parseInt(a.slice(4), 16))[0]!,
  )
  const bytes = readFileSync(newest)
  const last = bytes.findLastIndex((byte) => byte !== 0)
  bytes[last - 20]! ^= 1
  writeFileSync(newest, bytes)
}
