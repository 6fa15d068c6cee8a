// The page: its frame, and the view that the address names.

import { browser } from './browser.ts'
import { Frame } from './frame.ts'
import { watchMembers } from './pulse.ts'
import { applyTheme } from './theme.ts'
import { html, render } from './view.ts'

applyTheme()
watchMembers()
const page = browser.document.querySelector('#page')
if (page !== null) render(html`<${Frame} />`, page)
