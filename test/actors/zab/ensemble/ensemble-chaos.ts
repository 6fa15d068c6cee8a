// One seed: a while in which anything may fail, then everything is healed and must converge.

import { fail, Violation } from './ensemble-checker.ts'
import { Mesh } from './ensemble-mesh.ts'
import type { Plant } from './ensemble-plants.ts'

const CHAOS_MS = 6000
const HEAL_MS = 20_000

export interface Outcome {
  readonly committed: number
  readonly epochs: number
  readonly events: number
}

/** Throws with the seed, how to replay it, and while `tracing` what happened. */
export function runSeed(seed: number, plant: Plant = {}, tracing: boolean = false): Outcome {
  const mesh = meshOf(seed, plant, tracing)
  try {
    new Chaos(mesh).run()
    heal(mesh)
  } catch (error) {
    const replay = `RINGKEEPER_SEED=${seed} node --test dist/test/actors/zab/ensemble.test.js`
    const trace = tracing ? `\n${mesh.world.trace.join('\n')}` : ''
    const what = error instanceof Error ? error.message : String(error)
    const kind = error instanceof Violation ? '' : `\n${error instanceof Error ? error.stack : ''}`
    throw new Violation(`${what}, at ${mesh.world.clock.nowMs} ms: ${replay}${trace}
${mesh.describe()}${kind}`)
  }
  return {
    committed: mesh.checker.committed.length,
    epochs: latestEpoch(mesh),
    events: mesh.world.events,
  }
}

function meshOf(seed: number, plant: Plant, tracing: boolean): Mesh {
  const voters = seed % 3 === 2 ? 5 : 3
  const observers = seed % 4 === 3 ? 1 + (seed % 2) : 0
  const commitLogCount = [2, 8, 30, 500][seed % 5] ?? 15
  return new Mesh({ voters, observers, seed, commitLogCount, tracing, plant })
}

function heal(mesh: Mesh): void {
  const { world, net } = mesh
  world.note(() => 'everything is healed')
  for (const disk of mesh.disks.values()) disk.slow = false
  for (const node of mesh.nodes.values())
    node.pausedUntilMs = Math.min(node.pausedUntilMs, world.clock.nowMs + 1)
  net.delayMsMax = 10
  net.healAll()
  for (const id of mesh.ids) mesh.boot(id)
  if (!world.run(HEAL_MS, () => mesh.converged())) fail('healed, and no leader that all follow')
  let wanted = -1
  let epoch = -1
  const written = world.run(HEAL_MS, () => {
    const { committed } = mesh.checker
    // A disk that was slow until now may yet end a leadership, and the write with it.
    if (epoch !== latestEpoch(mesh) && mesh.converged()) {
      for (const { tree } of mesh.nodes.values()) tree.write(1_000_000)
      wanted = committed.length
      epoch = latestEpoch(mesh)
    }
    if (wanted === -1 || committed.length <= wanted) return false
    return [...mesh.nodes.values()].every(({ tree }) => tree.entries.length === committed.length)
  })
  if (!written) fail('healed, and a write does not reach every server')
}

function latestEpoch({ disks }: Mesh): number {
  return Math.max(...[...disks.values()].map(({ current }) => current))
}

/** What may happen, how likely each: another mixture with every seed. */
class Chaos {
  readonly #mesh: Mesh
  readonly #weights: { act: () => void; weight: number }[]
  #payload = 0

  constructor(mesh: Mesh) {
    this.#mesh = mesh
    const { world } = mesh
    mesh.net.delayMsMax = [3, 10, 40, 120][world.random(4)]!
    const acts: readonly (readonly [act: () => void, most: number])[] = [
      [() => this.#crash(), 4],
      [() => this.#crashAll(), 1],
      [() => this.#cut(), 4],
      [() => this.#isolate(), 3],
      [() => this.#heal(), 4],
      [() => this.#breakLinks(), 4],
      [() => this.#pause(), 3],
      [() => this.#slowDisk(), 3],
    ]
    this.#weights = acts.map(([act, most]) => ({ act, weight: world.random(most + 1) }))
    this.#weights.push({ act: () => this.#heal(), weight: 1 })
  }

  run(): void {
    const { world } = this.#mesh
    for (const id of this.#mesh.ids) {
      if (world.chance(90)) this.#mesh.boot(id)
      else this.#bootLater(id)
    }
    const paceMs = world.between(60, 500)
    const endMs = world.clock.nowMs + CHAOS_MS
    let nextActMs = world.between(0, 800)
    while (world.clock.nowMs < endMs) {
      world.run(world.between(1, 25), () => false)
      this.#write()
      if (world.clock.nowMs < nextActMs) continue
      nextActMs = world.clock.nowMs + world.between(1, 2 * paceMs)
      this.#act()
    }
  }

  #write(): void {
    for (const { tree } of this.#mesh.nodes.values()) {
      for (let i = this.#mesh.world.random(3); i > 0; i--) tree.write(++this.#payload)
    }
  }

  #act(): void {
    const sum = this.#weights.reduce((total, { weight }) => total + weight, 0)
    let at = this.#mesh.world.random(sum)
    for (const { act, weight } of this.#weights) {
      if (at < weight) {
        act()
        return
      }
      at -= weight
    }
  }

  #any(): number {
    const { ids, nodes, world } = this.#mesh
    // Leaders are where it hurts.
    const leader = [...nodes.values()].find(({ zab }) => zab.role === 'leading')
    if (leader !== undefined && world.chance(30)) return leader.id
    return ids[world.random(ids.length)]!
  }

  #crash(): void {
    const id = this.#any()
    this.#mesh.crash(id)
    this.#bootLater(id)
  }

  #crashAll(): void {
    for (const id of this.#mesh.ids) {
      this.#mesh.crash(id)
      this.#bootLater(id)
    }
  }

  #bootLater(id: number): void {
    const { world } = this.#mesh
    world.after(world.between(5, world.chance(50) ? 50 : 1500), () => this.#mesh.boot(id))
  }

  #cut(): void {
    const { world, net } = this.#mesh
    const [a, b] = [this.#any(), this.#any()]
    if (a === b) return
    this.#cutOne(a, b)
    if (world.chance(60)) this.#cutOne(b, a)
    if (world.chance(50)) world.after(world.between(1, 700), () => net.breakLinks(a, b))
  }

  #cutOne(from: number, to: number): void {
    this.#mesh.world.note(() => `cut from ${from} to ${to}`)
    this.#mesh.net.cut(from, to)
  }

  #isolate(): void {
    const { world, ids } = this.#mesh
    const id = this.#any()
    const inward = world.chance(70)
    const outward = !inward || world.chance(70)
    for (const other of ids) {
      if (other === id) continue
      if (inward) this.#cutOne(other, id)
      if (outward) this.#cutOne(id, other)
    }
  }

  #heal(): void {
    const { world, net, ids } = this.#mesh
    world.note(() => 'heal')
    if (world.chance(60)) {
      net.healAll()
      return
    }
    const id = this.#any()
    for (const other of ids) {
      net.heal(id, other)
      net.heal(other, id)
    }
  }

  #breakLinks(): void {
    const { net, ids, world } = this.#mesh
    const id = this.#any()
    world.note(() => `links of ${id} break`)
    for (const other of ids) if (other !== id && world.chance(60)) net.breakLinks(id, other)
    net.dial(id)
  }

  #pause(): void {
    const { world } = this.#mesh
    this.#mesh.nodes.get(this.#any())?.pause(world.between(10, world.chance(30) ? 2500 : 400))
  }

  #slowDisk(): void {
    const { world, disks } = this.#mesh
    const disk = disks.get(this.#any())!
    disk.slow = true
    world.after(world.between(100, 2500), () => {
      disk.slow = false
    })
  }
}
