// A server on a small file system that another program fills while clients write: writes are refused before
// the disk is full, deletions are not; nothing acknowledged is lost; and the server goes on by itself.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { Client } from '../../client/client.ts'
import { isZkError, ZkError } from '../../client/zk-error.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import { OUR_COMMAND } from '../../perf/ensemble/member.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { readFactFiles } from '../../runtime/why/fact-files.ts'
import { storyText } from '../../runtime/why/story-text.ts'
import { tellStories } from '../../runtime/why/teller.ts'
import { until } from '../support/until.ts'
import { zxidsIn } from '../support/zxids-in.ts'

const WHOLE_MS_MAX = 60_000
const DISK_MB = 64
const RESERVE_MB = 16
const LEFT_BYTES = 6 * 2 ** 20
const PIECE = new Uint8Array(2 ** 20)

/** Runs the rest of its arguments in a mount namespace of its own, where the folder `data` beside the last one
 * is a small file system. */
const ON_A_SMALL_DISK = [
  ...['unshare', '--map-root-user', '--mount', 'sh', '-c'],
  `for last; do :; done; mount -t tmpfs -o size=${DISK_MB}m tmpfs "$(dirname "$last")/data" && exec "$@"`,
  'sh',
]
const mayMount = spawnSync('unshare', [
  '--map-root-user',
  '--mount',
  'mount',
  '-t',
  'tmpfs',
  'tmpfs',
  '/mnt',
])
const skip = mayMount.status === 0 ? false : 'this user may not mount in a namespace of its own'

describe('a disk that another program fills', { skip }, () => {
  test('stops writes, and nothing else, for as long as it is full', async (t) => {
    const ensemble = await Ensemble.prepare({
      servers: 1,
      configuration: ['preAllocSize=1024', `ringkeeper.diskReserveInMb=${RESERVE_MB}`],
      command: [...ON_A_SMALL_DISK, ...OUR_COMMAND],
    })
    const client = new Client({ servers: ensemble.addresses, connectTimeoutMs: 2000 })
    try {
      ensemble.start()
      const [member] = ensemble.members
      await ensemble.whole(WHOLE_MS_MAX)
      const disk = `/proc/${member!.pid}/root${join(dirname(member!.configuration), 'data')}`
      const acknowledged: number[] = []
      let count = 0
      /** Null, or why it was refused. */
      const write = async (): Promise<ZkError | null> => {
        try {
          await client.create(`/n${count++}`, new Uint8Array(500))
          acknowledged.push(client.connection.lastZxid)
          return null
        } catch (error) {
          if (error instanceof ZkError) return error
          throw error
        }
      }
      // Two nodes, to be deleted and read: once it is full, not one write may be let through.
      strictEqual(await write(), null)
      strictEqual(await write(), null)
      strictEqual(await write(), null)
      fill(disk)
      let refusal: ZkError | null = null
      await until('a write is refused', WHOLE_MS_MAX, async () => {
        refusal = await write()
        return refusal !== null
      })
      ok(isZkError(refusal, ErrorCode.quotaExceeded), String(refusal))
      await client.delete('/n0')
      strictEqual((await client.get('/n1')).data?.length, 500)
      rmSync(join(disk, 'filler'))
      await until('a write is accepted', WHOLE_MS_MAX, async () => (await write()) === null)
      const logged = new Set<number>(zxidsIn(join(disk, 'version-2')))
      deepStrictEqual(
        acknowledged.filter((zxid) => !logged.has(zxid)),
        [],
      )
      let told = ''
      await until('the story is told', WHOLE_MS_MAX, async () => {
        const stories = tellStories(await readFactFiles(join(disk, 'stories')), 0)
        told = stories.map(storyText).join('\n')
        return told.includes('it accepted writes again')
      })
      match(told, /refused writes for .*: its disk was nearly full/)
    } catch (error) {
      t.diagnostic(ensemble.tails(40))
      throw error
    } finally {
      await client.close()
      await ensemble.end()
    }
  })
})

/** As another program does, until little is left. */
function fill(disk: string): void {
  const filler = openSync(join(disk, 'filler'), 'w')
  const free = (): number => {
    const { bavail, bsize } = statfsSync(disk)
    return bavail * bsize
  }
  while (free() > LEFT_BYTES + PIECE.length) writeSync(filler, PIECE)
  closeSync(filler)
}
