// A dialog: the browser's own, which keeps the keyboard inside and closes with Escape.

import type { Dialog as Element } from '../browser.ts'
import { html, useLayoutEffect, useRef, type View } from '../view.ts'

export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string
  onClose: () => void
  children: View
}): View {
  const own = useRef<Element | null>(null)
  // Before the browser draws: a key that is pressed at once must find the dialog open.
  useLayoutEffect(() => {
    const { current } = own
    if (current !== null && !current.open) current.showModal()
    return () => current?.close()
  }, [])
  return html`<dialog ref=${own} aria-label=${title} onClose=${onClose}>
    <div class="inside"><h2>${title}</h2>${children}</div>
  </dialog>`
}
