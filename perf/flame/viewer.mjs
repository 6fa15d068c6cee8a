// The part of the report that runs in a browser: draws the flame graphs, shows a call alone when it
// is clicked, names what the mouse is on, and marks what is searched for.
//
// A call is [label, microseconds, calls]; the root is all the time a thread was awake.

const ROW = 17
const WIDTH_MIN = 0.5

const { labels, roots } = JSON.parse(document.getElementById('graphs').textContent)
const tip = document.getElementById('tip')
const search = document.getElementById('search')

/** Bars from the root down: { call, depth, from, to }, from and to as shares of the width. */
function layout(root) {
  const bars = []
  const open = [{ call: root, depth: 0, from: 0, to: 1 }]
  while (open.length > 0) {
    const bar = open.pop()
    bars.push(bar)
    const [, us, calls] = bar.call
    let from = bar.from
    const sorted = [...calls].sort((a, b) => labels[a[0]].localeCompare(labels[b[0]]))
    for (const call of sorted) {
      const to = from + ((bar.to - bar.from) * call[1]) / (us || 1)
      open.push({ call, depth: bar.depth + 1, from, to })
      from = to
    }
  }
  return bars
}

/** Ours, Node's, packages, and what V8 does besides, each in its own hue. */
function colour(label, isMarked) {
  if (isMarked) return '#c3f'
  if (/ (actors|protocol)\//.test(label)) return '#fa5'
  if (/ (runtime|bin|config)\//.test(label)) return '#fd7'
  if (/ node:/.test(label)) return '#9c9'
  return label.includes(' ') ? '#9bd' : '#ccc'
}

class Graph {
  constructor(canvas, root) {
    this.canvas = canvas
    this.root = root
    this.shown = [root]
    this.bars = []
    canvas.addEventListener('click', (event) => this.zoom(this.at(event)))
    canvas.addEventListener('mousemove', (event) => this.tell(event))
    canvas.addEventListener('mouseleave', () => {
      tip.style.display = 'none'
    })
  }

  draw() {
    const { canvas } = this
    const width = canvas.clientWidth
    this.bars = layout(this.shown.at(-1)).filter(({ from, to }) => (to - from) * width > WIDTH_MIN)
    const height = ROW * (1 + Math.max(...this.bars.map(({ depth }) => depth)))
    canvas.width = width * devicePixelRatio
    canvas.height = height * devicePixelRatio
    canvas.style.height = `${height}px`
    const pen = canvas.getContext('2d')
    pen.scale(devicePixelRatio, devicePixelRatio)
    pen.font = '11px monospace'
    const wanted = search.value.toLowerCase()
    for (const { call, depth, from, to } of this.bars) {
      const label = labels[call[0]]
      const left = from * width
      const room = to * width - left - 1
      pen.fillStyle = colour(label, wanted !== '' && label.toLowerCase().includes(wanted))
      pen.fillRect(left, depth * ROW, Math.max(room, WIDTH_MIN), ROW - 1)
      if (room < 25) continue
      pen.fillStyle = '#000'
      pen.fillText(label.slice(0, Math.floor((room - 4) / 6.7)), left + 3, depth * ROW + 12)
    }
  }

  at({ offsetX, offsetY }) {
    const share = offsetX / this.canvas.clientWidth
    const row = Math.floor(offsetY / ROW)
    return this.bars.find(({ depth, from, to }) => depth === row && from <= share && share < to)
  }

  zoom(bar) {
    if (bar === undefined) return
    if (bar.call !== this.shown.at(-1)) this.shown.push(bar.call)
    else if (this.shown.length > 1) this.shown.pop()
    this.draw()
  }

  tell(event) {
    const bar = this.at(event)
    tip.style.display = bar === undefined ? 'none' : 'block'
    if (bar === undefined) return
    const [label, us] = bar.call
    const share = (100 * us) / (this.root[1] || 1)
    tip.textContent = `${labels[label]}: ${share.toFixed(2)} % of awake, ${(us / 1000).toFixed(1)} ms`
    tip.style.left = `${Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 12)}px`
    tip.style.top = `${event.clientY + 16}px`
  }
}

const graphs = [...document.querySelectorAll('canvas')].map((canvas) => {
  return new Graph(canvas, roots[Number(canvas.dataset.graph)])
})
const drawAll = () => {
  for (const graph of graphs) graph.draw()
}
search.addEventListener('input', drawAll)
addEventListener('resize', drawAll)
drawAll()
