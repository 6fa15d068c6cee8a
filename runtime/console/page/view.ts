// The view library: Preact, whose elements are written as templates with htm. The only file that knows
// them. Texts in templates are always texts: nothing here makes HTML of a string.

import htm from 'htm'
import { h, render as renderInto } from 'preact'
import type { Element } from './browser.ts'

export { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'

/** An element of the page, or what may stand in its place. */
export type View = { readonly isView: never } | string | number | null | readonly View[]

export const html: (parts: TemplateStringsArray, ...values: unknown[]) => View = htm.bind<View>(h)

export function render(view: View, into: Element): void {
  renderInto(view, into)
}
