// Which descriptor the log goes to: standard output, unless somebody says otherwise before the first line.

const STANDARD_OUTPUT = 1

let descriptor = STANDARD_OUTPUT

/** Call it before anything loads the logger. */
export function logTo(wanted: number): void {
  descriptor = wanted
}

export function logDescriptor(): number {
  return descriptor
}
