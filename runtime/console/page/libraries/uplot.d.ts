// What the page uses of uPlot.

import type { Element } from '../browser.ts'

type Data = readonly (readonly (number | null)[])[]

declare class UPlot {
  constructor(options: object, data: Data, into: Element)
  setData(data: Data): void
  setSize(size: { readonly width: number; readonly height: number }): void
  destroy(): void
}

export { UPlot as default }
