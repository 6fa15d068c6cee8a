// What a configuration asks for and is not here yet: one warning a feature, and none for the settings
// of one that is not asked for. Java classes likewise.

import { match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configurationFrom } from '../../config/zoo-cfg.ts'

function remarksOf(text: string): string {
  const file = { path: 'zoo.cfg', text: `dataDir=/d\nclientPort=2181\n${text}` }
  const { remarks } = configurationFrom(file, [], () => '')
  return remarks.map(({ level, text }) => `${level} ${text}`).join('\n')
}

describe('what is missing is said once a feature, if it is asked for', () => {
  const CASES: readonly (readonly [string, RegExp])[] = [
    ['admin.serverPort=8080', /^$/],
    ['admin.serverPort=65536', /^warn .*=65536: there is no such port; the default counts$/],
    [
      'admin.commandUrl=/c',
      /^warn .*admin\.commandUrl has no effect.*did you mean admin\.commandURL\?$/,
    ],
    ['admin.restore.enabled=true', /^info have no effect, because .*: admin\.restore\.enabled$/],
    ['metricsProvider.httpPort=7000', /^$/],
    ['metricsProvider.exportJvmInfo=true', /^$/],
    [
      'metricsProvider.httpsPort=7001',
      /^warn .*HTTP only: metricsProvider\.httpsPort has no effect$/,
    ],
    ['jaasLoginRenew=3600000', /^info concern Java.*: jaasLoginRenew$/],
    ['zookeeper.admin.serverPort=1', /has no effect: write admin\.serverPort$/],
    ['maxTimeToWaitForEpoch=2000', /misnames leader\.maxTimeToWaitForEpoch$/],
    [
      'authProvider.1=a.SASLAuthenticationProvider',
      /^warn no client can authenticate with SASL: java\.security\.auth\.login\.config must name a JAAS/,
    ],
    ['authProvider.x509=a.X509AuthenticationProvider', /^$/],
    ['authProvider.2=com.example.Mine', /^warn .*=com\.example\.Mine: has no effect: Java classes/],
    ['ensembleAuthName=a', /^warn ensembleAuthName has no effect without an authProvider/],
    ['authProvider.1=a.DigestAuthenticationProvider', /^info .*authProvider\.1$/],
    ['serverCnxnFactory=a.NettyServerCnxnFactory', /^info .*serverCnxnFactory$/],
    [
      'serverCnxnFactory=com.example.Mine',
      /^warn .*com\.example\.Mine: has no effect: Java classes cannot be loaded/,
    ],
    ['metricsProvider.className=a.PrometheusMetricsProvider', /^$/],
    ['metricsProvider.className=a.DefaultMetricsProvider', /^$/],
    [
      'metricsProvider.className=com.example.Mine',
      /^warn .*com\.example\.Mine: has no effect: Java classes cannot be loaded/,
    ],
  ]
  for (const [text, expected] of CASES) test(text, () => match(remarksOf(text), expected))
})
