// The server's command line and environment, in the order in which Java's launcher and ZooKeeper's
// main class read them:
//
//   [-Dname=value...] zoo.cfg
//   [-Dname=value...] clientPort dataDir [tickTime] [maxClientCnxns]

import { readFileSync } from 'node:fs'
import { type Configuration, ConfigurationError } from './configuration.ts'
import { type PropertySource, parseDefinition, propertyOf, readFlags } from './java/flags.ts'
import { configurationFrom, type FileText } from './zoo-cfg.ts'

export const USAGE: string =
  'Usage: server [-Dname=value ...] zoo.cfg\n' +
  '       server [-Dname=value ...] clientPort dataDir [tickTime] [maxClientCnxns]'

/** By increasing precedence: first the variable that Java reads before its command line, then those
 * that ZooKeeper's scripts put there, then the one that Java reads after it. */
const FLAG_VARIABLES = [
  'JAVA_TOOL_OPTIONS',
  'JDK_JAVA_OPTIONS',
  'SERVER_JVMFLAGS',
  'JVMFLAGS',
] as const
const LAST_VARIABLE = '_JAVA_OPTIONS'
/** The variable from which ZooKeeper's scripts up to 3.7 make the property
 * `zookeeper.root.logger`. */
const LOG_VARIABLE = 'ZOO_LOG4J_PROP'
const FIELDS = ['clientPort', 'dataDir', 'tickTime', 'maxClientCnxns'] as const

/** Throws ConfigurationError. */
export function readConfiguration(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Configuration {
  const properties: PropertySource[] = []
  const ignored: string[] = []
  const addFlags = (variable: string): void => {
    const flags = readFlags(variable, env[variable] ?? '')
    properties.push(...flags.properties)
    ignored.push(...flags.ignored)
  }
  const logger = env[LOG_VARIABLE] ?? ''
  if (logger !== '') properties.push(propertyOf(['zookeeper.root.logger', logger], LOG_VARIABLE))
  for (const variable of FLAG_VARIABLES) addFlags(variable)
  const operands: string[] = []
  for (const argument of args) {
    const definition = parseDefinition(argument)
    if (definition === undefined) operands.push(argument)
    else properties.push(propertyOf(definition, 'command line'))
  }
  addFlags(LAST_VARIABLE)
  const { options, remarks } = configurationFrom(fileOf(operands), properties, readText)
  if (ignored.length === 0) return { options, remarks }
  const text = `flags for Java have no effect: ${[...new Set(ignored)].join(' ')}`
  return { options, remarks: [...remarks, { level: 'warn', text }] }
}

/** The file that was named, or one made from the operands. */
function fileOf(operands: readonly string[]): FileText {
  const [first, ...others] = operands
  if (first === undefined || operands.length > FIELDS.length || first.startsWith('-')) {
    throw new ConfigurationError([USAGE])
  }
  if (others.length > 0) {
    const lines = operands.map((operand, i) => `${FIELDS[i]}=${operand.replace(/\\/g, '\\\\')}`)
    return { path: 'command line', text: lines.join('\n') }
  }
  try {
    return { path: first, text: readText(first) }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new ConfigurationError([`Cannot read the configuration: ${problem}`])
  }
}

/** Java reads properties files as ISO 8859-1, operators write UTF-8. ASCII is the same in both. */
function readText(path: string): string {
  return readFileSync(path, 'utf8')
}
