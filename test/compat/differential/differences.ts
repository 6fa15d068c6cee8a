// Where our answers differ from Apache ZooKeeper 3.8.0's on purpose. Everything else must be equal,
// but for the zxid in the header of a watch event: -1 there, the transaction's since 3.9
// (ZOOKEEPER-4655) and here.

import type { Difference } from './differential.ts'

const NOTHING = /^$/
const EVENT = /^event /

export const DIFFERENCES: readonly Difference[] = [
  {
    why: '3.9: exists needs READ (ZOOKEEPER-2590)',
    where: /: exists \//,
    theirs: / err=0 </,
    ours: / err=-102$/,
  },
  {
    why: '3.9: create2 inside a multi answers with a stat',
    where: /^succeeding: a: multi create \/m\/a; create2 \/m\/b$/,
    theirs: /\{1 false 0\} "\/m\/b" \{-1/,
    ours: /\{15 false 0\} "\/m\/b" <[^>]*> \{-1/,
  },
  {
    why: '3.9: createContainer inside a multi makes a container whatever its flags',
    where: /^containers: a: multi createContainer \/c\/multi19-[123]$/,
    theirs: /err=0 \{1 false 0\} "[^"]*" \{-1/,
    ours: /err=0 \{15 false 0\} "[^"]*" <[^>]*> \{-1/,
  },
  {
    why: '3.9: so it has no owner',
    where: /^containers: a: exists \/c\/multi19-1 $/,
    theirs: /owner session1/,
    ours: /owner 0/,
  },
  {
    why: '3.9: a one-shot watch does not replace a persistent one (ZOOKEEPER-4466)',
    where: /^mixedModes: b: events$/,
    theirs: NOTHING,
    ours: EVENT,
  },
  {
    why: '3.9: watcher types 1 and 2 leave persistent watches alone (ZOOKEEPER-4471)',
    where: /^removingPersistent: mode.type[12]: (check|remove)Watches \/g [12]$/,
    theirs: /err=0$/,
    ours: /err=-121$/,
  },
  {
    why: '3.9: so they still tell',
    where: /^removingPersistent: mode.type[12]: events$/,
    theirs: NOTHING,
    ours: EVENT,
  },
  {
    why: '3.9: watcher types 4 and 5 (ZOOKEEPER-4472)',
    where: /^removingPersistent: mode(0type4|1type5): (check|remove)Watches \/g [45]$/,
    theirs: /err=-5$/,
    ours: /err=0$/,
  },
  {
    why: '3.9: so what they remove is silent',
    where: /^removingPersistent: mode(0type4|1type5): events$/,
    theirs: EVENT,
    ours: NOTHING,
  },
  {
    why: '3.9: watcher types 4 and 5 where there is none',
    where: /^removingPersistent: mode(0type5|1type4): (check|remove)Watches \/g [45]$/,
    theirs: /err=-5$/,
    ours: /err=-121$/,
  },
  {
    why: '3.9: check outside a multi is refused, its connection closed (ZOOKEEPER-2623)',
    where: /: check /,
    theirs: / err=(-5|-8|-101)$/,
    ours: /^\d+ -1 err=-6$/,
  },
  {
    why: '3.9: and nothing follows it',
    where: /^(bodies: 13|unknown: check): ping $/,
    theirs: /^-2 \S+ err=0$/,
    ours: /^closed$/,
  },
  {
    why: 'a reconfig that cannot be read takes a zxid, as every other write',
    where: /^bodies: 16: (reconfig|ping) /,
    theirs: /^(1 old err=-5|-2 old err=0)$/,
    ours: /^(1 \+1 err=-5|-2 \+1 err=0)$/,
  },
  {
    why: 'getChildrenPage is an operation of ours: no such node, or no such path',
    where: /^bodies: 200: getChildrenPage /,
    theirs: /^\d+ -1 err=-6$/,
    ours: /^\d+ old err=-(5|101)$/,
  },
  {
    why: 'so the connection stays',
    where: /^bodies: 200: waits for the end$/,
    theirs: /^closed$/,
    ours: /^-2 old err=0$/,
  },
  {
    why: 'safety: deleteContainer and createSession are not for clients: closed',
    where: /^internal: [bc]: (deleteContainer|createSession) /,
    theirs: /./,
    ours: /^closed$/,
  },
  {
    why: 'safety: so deleteContainer took no zxid',
    where: /^internal: a: exists \/internal $/,
    theirs: / \+4 err=0 /,
    ours: / \+3 err=0 /,
  },
  {
    why: 'safety: a quota that cannot be read limits nothing; there every write below it fails',
    where: /^quotaRubbish: a: /,
    theirs: /err=-5$/,
    ours: /err=0 /,
  },
]
