// Whether a text is a distinguished name, as far as Java's X500Principal reads it: parts with commas or
// semicolons between them, each a keyword or a number, an equals sign and a value.

const KEYWORDS =
  'CN|C|L|ST?|OU?|T|IP|STREET|DC|DNQ(?:UALIFIER)?|SURNAME|GIVENNAME|INITIALS|GENERATION|' +
  'EMAIL(?:ADDRESS)?|UID|SERIALNUMBER'
const PART = new RegExp(`^\\s*(?:${KEYWORDS}|(?:OID\\.)?\\d+(?:\\.\\d+)+)\\s*=`, 'i')
/** What is quoted, what is escaped, or a letter. */
const PIECE = /"(?:[^"\\]|\\.)*"|\\.|[\s\S]/g

export function isDistinguishedName(text: string): boolean {
  let part = ''
  for (const [piece] of text.matchAll(PIECE)) {
    if (piece !== ',' && piece !== ';' && piece !== '+') part += piece
    else if (!PART.test(part)) return false
    else part = ''
  }
  return PART.test(part)
}
