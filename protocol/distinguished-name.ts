// Whether a text is a distinguished name, as far as Java's X500Principal reads it: parts separated
// by commas or semicolons, each a keyword or a number, an equals sign and a value.

const KEYWORDS =
  'CN|C|L|ST?|OU?|T|IP|STREET|DC|DNQ(?:UALIFIER)?|SURNAME|GIVENNAME|INITIALS|GENERATION|' +
  'EMAIL(?:ADDRESS)?|UID|SERIALNUMBER'
const PART = new RegExp(`^\\s*(?:${KEYWORDS}|(?:OID\\.)?\\d+(?:\\.\\d+)+)\\s*=`, 'i')
/** Quoted text, an escaped character, or any character. */
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
