// What operators pass to the Java that runs ZooKeeper's shell: CLIENT_JVMFLAGS, and JVMFLAGS, which
// the server reads as well. Nothing of it changes our shell; what would have protected its
// connection is named.

import { isOff } from '../names/known-names.ts'
import { shown } from '../names/secrets.ts'
import { readFlags } from './flags.ts'

const PROTECTING = /^(zookeeper\.client\.secure|zookeeper\.ssl\.|zookeeper\.sasl\.client)/
const LOGIN_CONFIGURATION = 'java.security.auth.login.config'

/** Lines for the user. JVMFLAGS names the server's login configuration, which is not asked for. */
export function clientFlagRemarks(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return ['CLIENT_JVMFLAGS', 'JVMFLAGS'].flatMap((variable) =>
    readFlags(variable, env[variable] ?? '')
      .properties.filter(
        ({ name, value }) =>
          (PROTECTING.test(name) && !isOff(value)) ||
          (name === LOGIN_CONFIGURATION && variable === 'CLIENT_JVMFLAGS'),
      )
      .map(
        ({ name, value }) =>
          `${variable}: ${name}=${shown(name, value)} has no effect: no TLS and no SASL here yet`,
      ),
  )
}
