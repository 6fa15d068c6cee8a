// The files of the page: its own modules and styles, the libraries that it uses, and the few modules of
// the server that tell stories. Each is read once, when it is first asked for.
//
// The libraries' names in imports are replaced by their paths here. An import map would do that in the
// browser, but it has to be an inline script, and those are forbidden.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NOT_FOUND, type Page } from '../admin/http-listener.ts'

const COMPILED = fileURLToPath(new URL('../../', import.meta.url))
/** Styles and the page itself are not compiled; they lie beside the sources. */
const SOURCES = fileURLToPath(new URL('../../../runtime/console/page/', import.meta.url))

/** From a library's name to its file, beside its package.json. */
const LIBRARIES: Readonly<Record<string, { readonly package: string; readonly file: string }>> = {
  preact: { package: 'preact', file: 'dist/preact.mjs' },
  'preact/hooks': { package: 'preact', file: 'hooks/dist/hooks.mjs' },
  htm: { package: 'htm', file: 'dist/htm.module.js' },
  uplot: { package: 'uplot', file: 'dist/uPlot.esm.js' },
}

const IMPORT = /((?:from|import)\s*)(["'])(preact\/hooks|preact|htm|uplot)\2/g
const MODULE = /^lib\/(runtime\/console\/page\/(?:[\w-]+\/)?[\w-]+|runtime\/why\/[\w-]+)\.js$/

const JAVASCRIPT = 'text/javascript; charset=utf-8'
const CSS = 'text/css; charset=utf-8'

export class Assets {
  readonly #known: Map<string, Promise<Page>> = new Map()

  /** `path`: behind the console's URL. */
  page(path: string): Promise<Page> {
    const known = this.#known.get(path)
    if (known !== undefined) return known
    const found = fileOf(path)
    if (found === null) return Promise.resolve(NOT_FOUND)
    const made = pageOf(found)
    this.#known.set(path, made)
    made.catch(() => this.#known.delete(path))
    return made
  }
}

interface Found {
  readonly file: string
  readonly type: string
}

function fileOf(path: string): Found | null {
  if (path === '') return { file: join(SOURCES, 'index.html'), type: 'text/html; charset=utf-8' }
  if (path === 'console.css') return { file: join(SOURCES, 'console.css'), type: CSS }
  if (path === 'icon.svg') return { file: join(SOURCES, 'icon.svg'), type: 'image/svg+xml' }
  if (path === 'vendor/uplot.css') {
    return { file: libraryFile('uplot', 'dist/uPlot.min.css'), type: CSS }
  }
  const library = /^vendor\/([\w/]+)\.js$/.exec(path)?.[1]
  const known = library === undefined ? undefined : LIBRARIES[library]
  if (known !== undefined) {
    return { file: libraryFile(known.package, known.file), type: JAVASCRIPT }
  }
  const module = MODULE.exec(path)?.[1]
  return module === undefined ? null : { file: join(COMPILED, `${module}.js`), type: JAVASCRIPT }
}

async function pageOf({ file, type }: Found): Promise<Page> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOT_FOUND
    throw error
  }
  const body = type === JAVASCRIPT ? text.replace(IMPORT, "$1'/console/vendor/$3.js'") : text
  return { status: 200, type, body: body.replace(/^\/\/# sourceMappingURL=.*$/gm, '') }
}

/** A package need not offer its every file to `import`; so the file is found from the one that it does. */
function libraryFile(name: string, file: string): string {
  const main = fileURLToPath(import.meta.resolve(name))
  const folder = join('node_modules', name)
  return join(main.slice(0, main.lastIndexOf(folder) + folder.length), file)
}
