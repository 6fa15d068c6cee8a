// ZooKeeper's published safety bugs, by number: each is planted on purpose somewhere in these tests
// and noticed, or is tried there by its number, or cannot exist here. The places are found by the
// number in a test's or a plant's name, so that this list cannot point at nothing.
//
// RINGKEEPER_LIST=1 prints them all with their places.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const TESTS = fileURLToPath(new URL('../../../../test/', import.meta.url))
const THIS_FILE = 'simulator/published-bugs.test.ts'

interface Bug {
  readonly what: string
  /** Why nothing of the kind can be planted. */
  readonly cannot?: string
}

const BUGS: Readonly<Record<number, Bug>> = {
  1653: { what: 'inconsistent epochs at the start' },
  1818: { what: 'zxid, electionEpoch and peerEpoch of a vote disagree' },
  1156: { what: 'a log is cut too far' },
  4643: { what: 'committed transactions lost: currentEpoch is written before the history' },
  3911: { what: 'DIFF brings what is not on disk yet' },
  3642: { what: 'DIFF after a partial SNAP' },
  2872: { what: 'an interrupted SNAP loses data' },
  3104: { what: 'NEWLEADER sent too early during SNAP' },
  3589: { what: 'NEWLEADER sent too early during SNAP' },
  4394: { what: 'COMMIT after the acknowledgement of NEWLEADER finds nothing' },
  4646: { what: 'NEWLEADER acknowledged before the history is on disk' },
  4685: { what: 'a PROPOSAL acknowledged before NEWLEADER' },
  4925: { what: 'a hole in what a leader keeps for learners' },
  2845: { what: 'a dirty database kept over an election' },
  3144: { what: 'ephemerals and a fuzzy snapshot' },
  3127: { what: 'a part of a multi in a snapshot and its last zxid' },
  3306: { what: 'the table of ACLs after SNAP' },
  4689: { what: 'the table of ACLs after SNAP' },
  2325: { what: 'a start with all snapshots empty or missing' },
  3644: { what: 'trust.empty' },
  2355: { what: 'an ephemeral that is never deleted after a proposal could not be read' },
  1367: { what: 'ephemerals of sessions that live, or lived, after a restart' },
  3701: { what: 'two leaders after the log was full' },
  4882: { what: 'data lost after an error of the disk that passed' },
  1069: { what: 'a log damaged by an end that came too quickly' },
  2623: { what: 'a check that becomes a transaction of its own' },
  4712: {
    what: 'the thread that logs outlives its role, and another logs beside it',
    cannot:
      'one actor owns the log for as long as the process lives, and one ring brings it what to do, ' +
      'in order. Roles that begin before the log has answered the fence, the nearest thing to it, broke nothing',
  },
  3598: {
    what: 'the thread that commits outlives its role',
    cannot:
      'one actor owns the tree, and what a role commits comes along the same ring as its end. Roles ' +
      'that begin before the tree has let go of the last one, the nearest thing to it, broke nothing',
  },
  2865: {
    what: 'members write different configurations when they are reconfigured',
  },
  2977: {
    what: 'addAuth damages packets between servers',
    cannot:
      'identities belong to the actor that encodes the packet, in a turn of its own: no other thread ' +
      'sees them while they change',
  },
  4787: { what: 'the charset of an election message' },
}
const COUNT = 31

/** In a name: of a test, or of what is planted. */
function placesOf(number: number, files: ReadonlyMap<string, string>): string[] {
  const named = new RegExp(`['"\`][^'"\`\\n]*\\b${number}\\b`)
  return [...files].filter(([, text]) => named.test(text)).map(([path]) => path)
}

function testFiles(folder = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const entry of readdirSync(join(TESTS, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) for (const [name, text] of testFiles(path)) found.set(name, text)
    else if (path.endsWith('.ts') && path !== THIS_FILE) {
      found.set(path, readFileSync(join(TESTS, path), 'utf8'))
    }
  }
  return found
}

describe('published safety bugs', () => {
  const files = testFiles()

  it('are all listed', () => strictEqual(Object.keys(BUGS).length, COUNT))

  it('are tried by their number, or cannot exist here', () => {
    const untried: string[] = []
    for (const [number, { what, cannot }] of Object.entries(BUGS)) {
      const places = placesOf(Number(number), files)
      if (process.env['RINGKEEPER_LIST'] === '1') {
        const found = [...places.map((path) => `test/${path}`), ...(cannot ? [cannot] : [])]
        console.log(`${number}  ${what}: ${found.join('; ')}`)
      }
      if (cannot === undefined && places.length === 0) untried.push(`${number} ${what}`)
    }
    deepStrictEqual(untried, [])
  })
})
