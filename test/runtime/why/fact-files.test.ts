// Facts on disk: they come back after a restart, in bounded files, also from one that was cut short.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { Fact } from '../../../runtime/why/fact.ts'
import { FactBook } from '../../../runtime/why/fact-book.ts'
import { FACT_FILES, FactFiles, readFactFiles } from '../../../runtime/why/fact-files.ts'
import { removeFolder, temporaryFolder } from '../../support/own-server.ts'

function fact(wallMs: number, text: string = ''): Fact {
  return { wallMs, actor: 'zab', event: 'looks', fields: { text } }
}

describe('facts on disk', () => {
  let folder: string
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => removeFolder(folder))

  const write = async (...facts: Fact[]): Promise<void> => {
    const { files } = await FactFiles.open(folder)
    for (const each of facts) files.append(each)
    await files.close()
  }
  const times = (facts: readonly Fact[]): number[] => facts.map(({ wallMs }) => wallMs)

  test('come back, behind those of earlier lives', async () => {
    await write(fact(1), fact(2, 'ö\n'))
    await write(fact(3))
    const { files, facts } = await FactFiles.open(folder)
    await files.close()
    deepStrictEqual(facts, [fact(1), fact(2, 'ö\n'), fact(3)])
    deepStrictEqual(await readFactFiles(folder), facts)
  })

  test('take no more than two files, and keep the newest', async () => {
    const text = 'x'.repeat(1000)
    const { files } = await FactFiles.open(folder)
    for (let i = 1; i <= 900; i++) {
      files.append(fact(i, text))
      if (i % 20 === 0) await files.flushed()
    }
    await files.close()
    for (const name of FACT_FILES) strictEqual(statSync(join(folder, name)).size, 256 << 10)
    const kept = times(await readFactFiles(folder))
    strictEqual(kept.at(-1), 900)
    ok(kept.length > 250 && kept.length < 500, `${kept.length} kept`)
    deepStrictEqual(
      kept,
      Array.from({ length: kept.length }, (_, i) => 901 - kept.length + i),
    )
    await write(fact(901))
    strictEqual(times(await readFactFiles(folder)).at(-1), 901)
  })

  test('a line that was cut short is no fact, and spoils no other', async () => {
    await write(fact(1))
    const path = join(folder, FACT_FILES[0]!)
    writeFileSync(path, readFileSync(path, 'utf8').replace(/\n+$/, '\n{"wallMs":2,"ac'))
    await write(fact(3))
    appendFileSync(path, '{"wallMs":"no number"}\n[]\nnull\n')
    deepStrictEqual(times(await readFactFiles(folder)), [1, 3])
  })

  test('what a disk does not take soon enough is lost, and nothing waits', async () => {
    const { files } = await FactFiles.open(folder)
    for (let i = 0; i < 1000; i++) files.append(fact(i, 'x'.repeat(1000)))
    await files.close()
    ok(times(await readFactFiles(folder)).length < 200)
  })

  test('a book begins with them, and adds what was noted before they were read', async () => {
    await write(fact(1), fact(2))
    const heard: number[] = []
    const book = new FactBook(
      () => 5,
      ({ wallMs }) => heard.push(wallMs),
    )
    book.note('started')
    const { files, facts } = await FactFiles.open(folder)
    book.open(facts, files)
    book.add(fact(6))
    await files.close()
    deepStrictEqual(
      [times(book.since(0)), times(book.since(5)), heard],
      [
        [1, 2, 5, 6],
        [5, 6],
        [5, 6],
      ],
    )
    deepStrictEqual(times(await readFactFiles(folder)), [1, 2, 5, 6])
  })
})
