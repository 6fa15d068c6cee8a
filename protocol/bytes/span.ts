// A range of bytes that somebody else owns: a path in a request, or the data in a record. Spans are
// reused (`JuteReader.span` points one at the next field), so copy what must outlive the message.

const NO_BYTES = new Uint8Array(0)

export class Span {
  bytes: Uint8Array = NO_BYTES
  /** -1 for null. */
  start = -1
  end = 0

  set(bytes: Uint8Array, start: number, end: number): this {
    this.bytes = bytes
    this.start = start
    this.end = end
    return this
  }

  get isNull(): boolean {
    return this.start < 0
  }

  /** 0 for null. */
  get length(): number {
    return this.start < 0 ? 0 : this.end - this.start
  }
}
