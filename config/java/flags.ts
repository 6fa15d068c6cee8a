// What operators pass to Java: `-Dname=value` on the command line, and the contents of
// SERVER_JVMFLAGS and JVMFLAGS. Properties count; flags for the virtual machine do not.

export interface PropertySource {
  readonly name: string
  /** The name as the operator wrote it, for messages. */
  readonly written: string
  readonly value: string
  /** Where it was set, for messages. */
  readonly origin: string
}

/** Names that belong to Java, its libraries and its log, and not to ZooKeeper. */
const JAVA_NAMES =
  /^(java|javax|jdk|sun|com\.sun|org|io\.netty|log4j|log4j2|logback|slf4j|user|file|os|awt)\./
/** They ask for SASL. */
const OURS: ReadonlySet<string> = new Set([
  'java.security.auth.login.config',
  'java.security.krb5.conf',
])

/** Splits as a shell splits an unquoted variable, but keeps quoted text together. */
export function splitFlags(text: string): string[] {
  const flags = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []
  return flags.map((flag) => flag.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'))
}

/** Undefined if the argument is no -D. Without `=` the value is empty, as in Java. */
export function parseDefinition(argument: string): [name: string, value: string] | undefined {
  const match = /^-D([^=]+)(?:=(.*))?$/s.exec(argument)
  if (match === null) return undefined
  const [, name = '', value = ''] = match
  return [name, value]
}

export function propertyOf(
  [name, value]: readonly [string, string],
  origin: string,
): PropertySource {
  return { name, written: name, value, origin }
}

/** The properties among a variable's flags, and the flags that mean nothing here. */
export function readFlags(
  variable: string,
  text: string,
): { properties: PropertySource[]; ignored: string[] } {
  const properties: PropertySource[] = []
  const ignored: string[] = []
  for (const flag of splitFlags(text)) {
    const definition = parseDefinition(flag)
    if (definition === undefined || isJavaName(definition[0])) ignored.push(nameOf(flag))
    else properties.push(propertyOf(definition, variable))
  }
  return { properties, ignored }
}

/** Whether a property is Java's own, and of no interest here. */
export function isJavaName(name: string): boolean {
  return JAVA_NAMES.test(name) && !OURS.has(name)
}

/** Values may be secret. */
function nameOf(flag: string): string {
  return flag.split('=', 1)[0] ?? flag
}
