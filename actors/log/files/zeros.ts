/** One step of writing space ahead of the log, see log-writer.ts: it takes 0.5 ms. */
export const ZEROS: Uint8Array = new Uint8Array(256 * 1024)
