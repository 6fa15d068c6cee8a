// Runs a script against both servers and compares what came back.

import { type Exchange, type Script, World } from './world.ts'

/** Where the two may differ, and why. */
export interface Difference {
  readonly why: string
  /** `script: asked`, whole. */
  readonly where: RegExp
  /** What Apache's answer must look like, and ours: lines joined by ` | `. */
  readonly theirs: RegExp
  readonly ours: RegExp
}

export class Unequal extends Error {}

/** Uses of each difference, for the report. */
export type Uses = Map<Difference, number>

/** How many exchanges were compared; throws Unequal with all that differ. */
export async function compare(
  name: string,
  script: Script,
  apachePort: number,
  ownPort: number,
  differences: readonly Difference[],
  uses: Uses,
): Promise<number> {
  const [theirs, ours] = [new World(apachePort), new World(ownPort)]
  await Promise.all([theirs.run(script), ours.run(script)])
  const problems: string[] = []
  const count = Math.max(theirs.transcript.length, ours.transcript.length)
  for (let i = 0; i < count; i++) {
    const problem = judge(name, theirs.transcript[i], ours.transcript[i], differences, uses)
    if (problem !== null) problems.push(`${i + 1}. ${problem}`)
  }
  if (problems.length > 0) throw new Unequal(`\n${problems.join('\n')}`)
  return count
}

function judge(
  name: string,
  theirs: Exchange | undefined,
  ours: Exchange | undefined,
  differences: readonly Difference[],
  uses: Uses,
): string | null {
  const [apache, own] = [textOf(theirs), textOf(ours)]
  const asked = `${name}: ${theirs?.asked ?? ours?.asked}`
  for (const line of theirs?.got ?? []) {
    if (line.startsWith('event') && !line.startsWith('event zxid=-1 ')) return `${asked} ${line}`
  }
  if (apache === own && theirs?.asked === ours?.asked) return null
  for (const difference of differences) {
    if (!difference.where.test(asked)) continue
    if (!difference.theirs.test(apache) || !difference.ours.test(own)) continue
    uses.set(difference, (uses.get(difference) ?? 0) + 1)
    return null
  }
  return `${asked}\n    Apache ${apache}\n    ours   ${own}`
}

/** Events carry the transaction's zxid since 3.9 (ZOOKEEPER-4655), -1 before. */
function textOf(exchange: Exchange | undefined): string {
  const lines = exchange?.got ?? ['no such exchange']
  return lines.map((line) => line.replace(/^event zxid=\S+/, 'event')).join(' | ')
}
