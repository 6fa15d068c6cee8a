// Light or dark: as the system says, or as the user has chosen.

import { browser, keep, kept } from './browser.ts'
import { Signal } from './signal.ts'

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'ringkeeper-theme'
const system = browser.matchMedia('(prefers-color-scheme: dark)')

function chosen(): Theme {
  const text = kept('localStorage', KEY)
  return text === 'light' || text === 'dark' ? text : 'system'
}

export const theme: Signal<Theme> = new Signal(chosen())
/** What it comes to: curves are drawn anew when it changes. */
export const isDark: Signal<boolean> = new Signal(false)

/** Call it once. */
export function applyTheme(): void {
  const apply = (): void => {
    isDark.set(theme.value === 'system' ? system.matches : theme.value === 'dark')
    browser.document.documentElement.dataset['theme'] = isDark.value ? 'dark' : 'light'
  }
  system.addEventListener('change', apply)
  theme.listen(() => {
    keep('localStorage', KEY, theme.value)
    apply()
  })
  apply()
}
