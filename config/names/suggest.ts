// "Did you mean": the known name that is nearest to an unknown one.

/** The same words in another order are nearest. Case differences count less than letters:
 * `snapcount` is `snapCount`. */
export function suggest(name: string, known: Iterable<string>): string | null {
  const wanted = name.toLowerCase()
  const words = wordsOf(name)
  const distanceMax = Math.max(1, Math.floor(name.length / 4))
  let best: string | null = null
  let bestDistance = distanceMax + 1
  for (const candidate of known) {
    if (wordsOf(candidate) === words) return candidate
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Its words in a fixed order: `dataDirLog` is `dataLogDir`. */
function wordsOf(name: string): string {
  const words = name.split(/[._-]|(?=[A-Z])/)
  return words.length < 2
    ? name
    : words
        .map((word) => word.toLowerCase())
        .sort()
        .join(' ')
}

/** How many letters to insert, delete, replace, or exchange with their neighbours, to turn a into
 * b. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1)
      const exchanged = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (i > 1 && j > 1 && exchanged) least = Math.min(least, beforeLast[j - 2]! + 1)
      row.push(least)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
