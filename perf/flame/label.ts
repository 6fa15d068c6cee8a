// What a function is called in a flame graph: its name, and its line in the TypeScript source.

import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { CallFrame } from './fold.ts'

const DIST = fileURLToPath(new URL('../../', import.meta.url))

export class Labels {
  readonly #maps: Map<string, SourceMap | null> = new Map()

  of({ functionName, url, lineNumber, columnNumber }: CallFrame): string {
    const name = functionName === '' ? '(anonymous)' : functionName
    const path = url.startsWith('file:') ? fileURLToPath(url) : url
    if (path === '') return name
    if (!path.startsWith(DIST)) return `${name} ${path.replace(/^.*\/node_modules\//, '')}`
    const source = path.slice(DIST.length).replace(/\.js$/, '.ts')
    const line = this.#mapOf(path)?.findEntry(lineNumber, columnNumber)
    const at = line !== undefined && 'originalLine' in line ? `:${line.originalLine + 1}` : ''
    return `${name} ${source}${at}`
  }

  #mapOf(path: string): SourceMap | null {
    let map = this.#maps.get(path)
    if (map === undefined) {
      map = readMap(`${path}.map`)
      this.#maps.set(path, map)
    }
    return map
  }
}

function readMap(path: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}
