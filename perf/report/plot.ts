// Plots as SVG in the text: bars, and lines over an axis that may be logarithmic. No script, nothing
// from elsewhere.

export interface Bar {
  readonly label: string
  /** By series. Missing is not drawn. */
  readonly values: Readonly<Record<string, number>>
  /** Its smallest and largest repetition. */
  readonly ranges: Readonly<Record<string, readonly [number, number]>>
}

export interface Line {
  readonly series: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Axis {
  readonly name: string
  readonly logarithmic?: boolean
  /** What stands at a place of the axis. */
  readonly text: (value: number) => string
}

const WIDTH = 860
const LABEL_WIDTH = 250
const BAR_HEIGHT = 13
const BAR_GAP = 12
const PLOT_HEIGHT = 250
const MARGIN = { left: 70, right: 16, top: 10, bottom: 40 }
const TICKS = 5
const LOG_LEAST = 1e-3

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A group for each bar, a row for each series; a thin line shows the range. */
export function bars(all: readonly Bar[], series: readonly string[], text: Axis['text']): string {
  const most = Math.max(
    ...all.flatMap(({ ranges }) => Object.values(ranges).map((range) => range[1])),
  )
  const scale = (value: number): number => (value / most) * (WIDTH - LABEL_WIDTH - 110)
  const groupHeight = series.length * BAR_HEIGHT + BAR_GAP
  const drawn = all.map(({ label, values, ranges }, group) => {
    const top = group * groupHeight
    const name = `<text x="${LABEL_WIDTH - 8}" y="${top + (series.length * BAR_HEIGHT) / 2 + 4}" text-anchor="end">${escaped(label)}</text>`
    const rows = series.map((one, i) => {
      const value = values[one]
      const [min, max] = ranges[one] ?? [0, 0]
      if (value === undefined) return ''
      const y = top + i * BAR_HEIGHT
      const middle = y + BAR_HEIGHT / 2 - 1
      return (
        `<rect class="${one}" x="${LABEL_WIDTH}" y="${y}" width="${scale(value).toFixed(1)}" height="${BAR_HEIGHT - 2}"/>` +
        `<path class="range" d="M${(LABEL_WIDTH + scale(min)).toFixed(1)} ${middle}H${(LABEL_WIDTH + scale(max)).toFixed(1)}"/>` +
        `<text x="${(LABEL_WIDTH + scale(max) + 6).toFixed(1)}" y="${y + BAR_HEIGHT - 3}">${escaped(text(value))}</text>`
      )
    })
    return name + rows.join('')
  })
  return svg(all.length * groupHeight, drawn.join(''))
}

export function lines(all: readonly Line[], x: Axis, y: Axis): string {
  const points = all.flatMap((line) => line.points)
  const across = scaleOf(
    x,
    points.map(([value]) => value),
    MARGIN.left,
    WIDTH - MARGIN.right,
  )
  const up = scaleOf(
    y,
    [...points.map(([, value]) => value), ...(y.logarithmic ? [] : [0])],
    PLOT_HEIGHT - MARGIN.bottom,
    MARGIN.top,
  )
  const grid = up.ticks.map((tick) => {
    const at = up.at(tick).toFixed(1)
    return (
      `<path class="grid" d="M${MARGIN.left} ${at}H${WIDTH - MARGIN.right}"/>` +
      `<text x="${MARGIN.left - 6}" y="${Number(at) + 4}" text-anchor="end">${escaped(y.text(tick))}</text>`
    )
  })
  const below = across.ticks.map((tick) => {
    const at = across.at(tick).toFixed(1)
    return (
      `<path class="grid" d="M${at} ${MARGIN.top}V${PLOT_HEIGHT - MARGIN.bottom}"/>` +
      `<text x="${at}" y="${PLOT_HEIGHT - MARGIN.bottom + 15}" text-anchor="middle">${escaped(x.text(tick))}</text>`
    )
  })
  const drawn = all.map(({ series, points: own }) => {
    const path = own.map(([px, py]) => `${across.at(px).toFixed(1)} ${up.at(py).toFixed(1)}`)
    return `<path class="line ${series}" d="M${path.join('L')}"/>`
  })
  const names =
    `<text x="${WIDTH / 2}" y="${PLOT_HEIGHT - 6}" text-anchor="middle">${escaped(x.name)}</text>` +
    `<text class="axis" x="6" y="${MARGIN.top + 4}">${escaped(y.name)}</text>`
  return svg(PLOT_HEIGHT, [...grid, ...below, ...drawn, names].join(''))
}

interface Scale {
  at(value: number): number
  readonly ticks: readonly number[]
}

function scaleOf(axis: Axis, values: readonly number[], from: number, to: number): Scale {
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const project = axis.logarithmic === true ? logarithm : (value: number) => value
  const [low, high] = [project(least), project(most)]
  const span = high - low || 1
  const at = (value: number): number => from + ((project(value) - low) / span) * (to - from)
  return { at, ticks: axis.logarithmic === true ? powers(low, high) : steps(low, high) }
}

function logarithm(value: number): number {
  return Math.log10(Math.max(LOG_LEAST, value))
}

function powers(low: number, high: number): number[] {
  const count = Math.floor(high) - Math.ceil(low) + 1
  return Array.from({ length: Math.max(0, count) }, (_, i) => 10 ** (Math.ceil(low) + i))
}

/** Round numbers: 1, 2 or 5 times a power of ten apart. */
function steps(low: number, high: number): number[] {
  const rough = (high - low || 1) / TICKS
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? power
  const first = Math.ceil(low / step)
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step)
}

function svg(height: number, content: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">${content}</svg>`
}
