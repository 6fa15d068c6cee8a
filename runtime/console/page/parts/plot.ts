// A curve for each member over the last minutes, drawn by uPlot. The only file that knows it. What the
// curves say last stands beside them as text.

import uPlot from 'uplot'
import { browser, type Element } from '../browser.ts'
import { useSignal } from '../signal.ts'
import { isDark } from '../theme.ts'
import { html, useEffect, useRef, type View } from '../view.ts'

export interface Curve {
  readonly title: string
  /** 1 to 7: which of the theme's colours. */
  readonly colour: number
  readonly values: readonly (number | null)[]
}

const HEIGHT = 190

/** `seconds`: since 1970, one for each value. */
export function Plot({
  label,
  seconds,
  curves,
  text,
}: {
  label: string
  seconds: readonly number[]
  curves: readonly Curve[]
  text: (value: number | null) => string
}): View {
  const place = useRef<Element | null>(null)
  const drawn = useRef<uPlot | null>(null)
  const dark = useSignal(isDark)
  const names = curves.map(({ title, colour }) => `${title} ${colour}`).join()
  useEffect(() => {
    const into = place.current
    if (into === null) return undefined
    const plot = new uPlot(options(into, curves, text), data(seconds, curves), into)
    drawn.current = plot
    const sized = new browser.ResizeObserver(() =>
      plot.setSize({ width: into.clientWidth, height: HEIGHT }),
    )
    sized.observe(into)
    return () => {
      sized.disconnect()
      plot.destroy()
      drawn.current = null
    }
  }, [names, dark])
  useEffect(() => {
    drawn.current?.setData(data(seconds, curves))
    return undefined
  }, [seconds])
  const last = curves
    .map(({ title, values }) => `${title} ${text(values.at(-1) ?? null)}`)
    .join(', ')
  return html`<div class="body">
    <div class="plot" ref=${place} role="img" aria-label=${`${label}: ${last}`}></div>
    <div class="legend">
      ${curves.map(
        ({ title, colour, values }) => html`<span key=${title}>
          <i class=${`dot c${colour}`}></i>${title} <b>${text(values.at(-1) ?? null)}</b></span>`,
      )}
    </div>
  </div>`
}

function data(seconds: readonly number[], curves: readonly Curve[]): readonly (number | null)[][] {
  return [[...seconds], ...curves.map(({ values }) => [...values])]
}

function options(
  into: Element,
  curves: readonly Curve[],
  text: (value: number | null) => string,
): object {
  const style = browser.getComputedStyle(browser.document.documentElement)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  }
  return {
    width: into.clientWidth,
    height: HEIGHT,
    padding: [10, 6, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: {
      y: { range: (_: unknown, _low: number, high: number) => [0, Math.max(high, 5) * 1.12] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: 90,
        values: (_: unknown, ticks: number[]) => ticks.map(clockOf),
      },
      {
        ...axis,
        size: 58,
        values: (_: unknown, ticks: number[]) => ticks.map((tick) => text(tick)),
      },
    ],
    series: [
      {},
      ...curves.map((curve) => ({
        label: curve.title,
        stroke: colour(`--s${curve.colour}`),
        width: 2,
        spanGaps: false,
        points: { show: false },
      })),
    ],
  }
}

function clockOf(seconds: number): string {
  const date = new Date(seconds * 1000)
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
