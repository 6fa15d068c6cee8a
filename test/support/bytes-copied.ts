// How many bytes are copied from array to array, by set() and Buffer.concat(): a count does not depend
// on the machine, as a time does.

/** While `run` runs. */
export function bytesCopied(run: () => void): number {
  const { set } = Uint8Array.prototype
  const { concat } = Buffer
  let count = 0
  Uint8Array.prototype.set = function (this: Uint8Array, source: ArrayLike<number>, at?: number) {
    count += source.length
    set.call(this, source, at)
  }
  Buffer.concat = (chunks, length) => {
    const whole = concat(chunks, length)
    count += whole.length
    return whole
  }
  try {
    run()
  } finally {
    Uint8Array.prototype.set = set
    Buffer.concat = concat
  }
  return count
}
