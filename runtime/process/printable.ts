// Text of strangers, made harmless for logs: whatever moves a cursor, ends a line somewhere or turns the
// direction of writing is written as \uXXXX.

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

export function printable(text: string): string {
  return text.replace(CONTROL, (letter) => unitsOf(letter, '\\'))
}

/** A line of JSON, of which the same object is read. JSON alone escapes what is below a blank, no more. */
export function printableJson(line: string): string {
  return `${printable(line.trimEnd())}\n`
}

/** The same, where the object's texts are to show the escapes. */
export function shownJson(line: string): string {
  return `${line.trimEnd().replace(CONTROL, (letter) => unitsOf(letter, '\\\\'))}\n`
}

function unitsOf(letter: string, mark: string): string {
  let text = ''
  for (let i = 0; i < letter.length; i++) {
    text += `${mark}u${letter.charCodeAt(i).toString(16).padStart(4, '0')}`
  }
  return text
}
