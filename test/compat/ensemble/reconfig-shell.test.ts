// Apache's shell reconfigures an ensemble of ours: it must print what it prints with one of Apache's servers,
// given the same commands.

import { deepStrictEqual, ok } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { APACHE_MISSING, javaArguments } from '../../support/apache.ts'
import { run, successOf } from '../../support/foreign.ts'
import type { Kind } from './member.ts'
import { type MixedEnsemble, withEnsemble } from './mixed-ensemble.ts'
import { SUPER, SUPER_PROPERTY } from './super-user.ts'

const SHELL = 'org.apache.zookeeper.ZooKeeperMain'

test('Apache’s shell prints of a reconfiguration of ours what it prints of Apache’s', {
  skip: APACHE_MISSING,
}, async () => {
  const printed: string[][] = []
  for (const kind of ['apache', 'ours'] as const) {
    const kinds: readonly Kind[] = [kind, kind, kind]
    const configuration = ['reconfigEnabled=true']
    const properties = [SUPER_PROPERTY]
    await withEnsemble({ kinds, configuration, properties }, async (ensemble) => {
      await ensemble.start(3)
      const args = [...javaArguments(SHELL), '-server', ensemble.member(3).address]
      const input = `${commandsFor(ensemble).join('\n')}\nquit\n`
      printed.push(lines(successOf('zkCli', await run('java', args, { input }))))
    })
  }
  ok(printed[0]!.filter((line) => line === 'Committed new configuration:').length >= 5)
  deepStrictEqual(printed[1], printed[0])
})

function commandsFor({ members }: MixedEnsemble): string[] {
  const specifications = members.map(({ specification }) => specification)
  const [first] = specifications
  const file = join(dirname(members[0]!.data), 'members')
  writeFileSync(file, `${specifications.join('\n')}\n`)
  return [
    'reconfig -remove 1',
    `addauth digest ${SUPER}`,
    'config',
    'config -c',
    'reconfig',
    'reconfig -remove 1',
    'config',
    `reconfig -add ${first}`,
    'config -c',
    `reconfig -members ${specifications.join(',')}`,
    `reconfig -file ${file}`,
    `reconfig -add ${first!.replace('participant', 'observer')}`,
    `reconfig -remove 1 -add ${first}`,
    'reconfig -v 77 -remove 1',
    'reconfig -remove 99',
    'reconfig -remove x',
    'reconfig -add server.8=127.0.0.1',
    'reconfig -add server.8=127.0.0.1:1:2:participant;3 -members server.9=127.0.0.1:1:2;3',
    'reconfig -file /nowhere',
    'reconfig -remove 1,2,3',
    'reconfig -members server.8=127.0.0.1:8:9;10,server.9=127.0.0.1:11:12;13',
    'config',
  ]
}

/** Without what no two ensembles print alike, and without events, which come from another thread. */
function lines(text: string): string[] {
  return text
    .replace(/:\d{5}\b/g, ':PORT')
    .replace(/version=[0-9a-f]+/g, 'version=VERSION')
    .split('\n')
    .filter((line) => !line.startsWith('WatchedEvent') && !/^(WATCHER::)?$/.test(line))
}
