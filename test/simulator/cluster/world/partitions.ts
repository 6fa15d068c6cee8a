// Networks that fall apart, by the names they go by: who does not hear whom.

import type { Dice } from '../../world/dice.ts'

/** Neither hears the other. */
export type Pair = readonly [number, number]

/** One member hears nobody. */
export function isolated(ids: readonly number[], one: number): Pair[] {
  return ids.filter((id) => id !== one).map((id): Pair => [one, id])
}

/** Two halves that do not hear each other. */
export function halves(ids: readonly number[], dice: Dice): Pair[] {
  const [left, right] = split(ids, dice)
  return between(left, right)
}

/** Two halves, and one member that hears both. */
export function bridge(ids: readonly number[], one: number, dice: Dice): Pair[] {
  const [left, right] = split(
    ids.filter((id) => id !== one),
    dice,
  )
  return between(left, right)
}

/** Each hears two others; of three members, one hears two and those do not hear each other. */
export function ring(ids: readonly number[], dice: Dice): Pair[] {
  const order = shuffled(ids, dice)
  const pairs: Pair[] = []
  for (let i = 0; i < order.length; i++) {
    for (let j = i + 1; j < order.length; j++) {
      const apart = j - i
      const closes = apart === order.length - 1 && order.length > 3
      if (apart !== 1 && !closes) pairs.push([order[i]!, order[j]!])
    }
  }
  return pairs
}

function split(ids: readonly number[], dice: Dice): [number[], number[]] {
  const order = shuffled(ids, dice)
  const middle = Math.floor((order.length + dice.below(2)) / 2)
  return [order.slice(0, middle), order.slice(middle)]
}

function between(left: readonly number[], right: readonly number[]): Pair[] {
  return left.flatMap((a) => right.map((b): Pair => [a, b]))
}

function shuffled(ids: readonly number[], dice: Dice): number[] {
  const order = [...ids]
  for (let i = order.length - 1; i > 0; i--) {
    const j = dice.below(i + 1)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}
