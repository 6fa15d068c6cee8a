// What operators pass to the Java that runs ZooKeeper's shell: CLIENT_JVMFLAGS, and JVMFLAGS, which
// the server also reads. None of it changes our shell. Settings that would have protected its
// connection are reported.

import { isOff } from '../names/known-names.ts'
import { shown } from '../names/secrets.ts'
import { readFlags } from './flags.ts'

const PROTECTING = /^(zookeeper\.client\.secure|zookeeper\.ssl\.|zookeeper\.sasl\.client)/
const LOGIN_CONFIGURATION = 'java.security.auth.login.config'

/** Lines for the user. A login configuration in JVMFLAGS is the server's, and is not reported. */
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
