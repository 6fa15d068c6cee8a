// Names that ZooKeeper knows and that change nothing here: why not, and what to say about it.
//
//   ensemble   only matters with more than one server (some take effect there: ensemble-settings.ts)
//   java       tunes threads, pools or caches that this server does not have
//   logging    where Java's log goes; ours goes to standard output
//   missing    not supported yet: said loudly, unless the value switches it off anyway
//   safety     not supported yet, and running without it would be less safe than what the
//              configuration asks for: the server does not start
//
// A name that ends in a dot stands for every name that begins so. Names of system properties are
// without their `zookeeper.`.

export type NoEffect = 'ensemble' | 'java' | 'logging' | 'missing' | 'safety'

const NAMES: Readonly<Record<NoEffect, string>> = {
  ensemble: `
    initLimit syncLimit connectToLearnerMasterLimit peerType observerMasterPort syncEnabled
    localSessionsEnabled localSessionsUpgradingEnabled quorumListenOnAllIPs oraclePath electionAlg
    sslQuorum portUnification sslQuorumReloadCertFiles ssl.quorum. quorum. multiAddress.
    leaderServes cnxTimeout quorumCnxnTimeoutMs electionPortBindRetry fastleader. leader.
    leaderConnectDelayDuringRetryMs observer. observerMaster. learner. follower. tcpKeepAlive
    forward_learner_requests_to_commit_processor_disabled commitLogCount
    forceSnapshotSync db.autocreate ringkeeper.`,
  java: `
    nio. netty. commitProcessor. intBufferStartingSizeBytes maxResponseCacheSize
    maxGetChildrenResponseCacheSize flushDelay maxBatchSize maxWriteQueuePollTime jvm. jmx.
    messageTracker. request_throttler. watchManagerName watcherCleanIntervalInSeconds
    watcherCleanThreadsNum watcherCleanThreshold maxInProcessingDeadWatchers bitHashCacheSize
    closeSessionTxn.enabled fips-mode client. server. clientCnxnSocket
    hostProvider. sasl.client. kinit disableAutoWatchReset shuffleDnsResponse request.timeout`,
  logging: 'log. log4j. console. root. tracelog. rolling.',
  missing: `
    secureClientPort secureClientPortAddress ssl. sslProvider admin. audit. pathStats. serverCnxnFactory
    X509AuthenticationProvider. SASLAuthenticationProvider. IPAuthenticationProvider. superUser
    kerberos. security. requireKerberosConfig letAnySaslUserDoX allowSaslFailedClients sasl.
    request_throttle_max_requests request_throttle_stall_time request_throttle_drop_stale
    request_stale_latency_check request_stale_connection_check throttled_op_wait_time
    connection_throttle_tokens connection_throttle_fill_time connection_throttle_fill_count
    connection_throttle_freeze_time connection_throttle_drop_increase
    connection_throttle_drop_decrease connection_throttle_decrease_ratio
    connection_throttle_weight_enabled connection_throttle_global_session_weight
    connection_throttle_local_session_weight connection_throttle_renew_session_weight
    largeRequestMaxBytes largeRequestThreshold emulate353TTLNodes controllerPort
    enableEagerACLCheck metricsProvider. authProvider. enforce.auth.schemes client.portUnification
    client.certReload jaasLoginRenew requireClientAuthScheme`,
  safety: 'sessionRequireClientSASLAuth enforce.auth.enabled',
}

const EXACT: ReadonlyMap<string, NoEffect> = new Map(entries((name) => !name.endsWith('.')))
const PREFIXES: readonly (readonly [string, NoEffect])[] = entries((name) => name.endsWith('.'))

function entries(which: (name: string) => boolean): [string, NoEffect][] {
  return Object.entries(NAMES).flatMap(([why, names]) =>
    names
      .trim()
      .split(/\s+/)
      .filter(which)
      .map((name): [string, NoEffect] => [name, why as NoEffect]),
  )
}

/** Why the name changes nothing; null when ZooKeeper does not know it either. */
export function whyNoEffect(name: string): NoEffect | null {
  const exact = EXACT.get(name)
  if (exact !== undefined) return exact
  return PREFIXES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? null
}

/** For suggestions. */
export const NAMES_WITHOUT_EFFECT: readonly string[] = [...EXACT.keys()]

/** Values that ask for nothing. */
const OFF: ReadonlySet<string> = new Set(['false', 'no', 'off', '0', '-1', ''])

export function isOff(value: string): boolean {
  return OFF.has(value.toLowerCase())
}

/** Java classes whose work is done here anyway, by the end of their names. */
const BUILT_IN =
  /\.(NIOServerCnxnFactory|NettyServerCnxnFactory|DigestAuthenticationProvider|IPAuthenticationProvider|DefaultMetricsProvider|NullMetricsProvider)$/

/** Whether a Java class named in the configuration has its equivalent in this server. */
export function isBuiltIn(className: string): boolean {
  return BUILT_IN.test(className)
}

/** ZooKeeper's provider of the scheme `ensemble`, which is off unless it is named. */
export function isEnsembleProvider(className: string): boolean {
  return className.endsWith('.EnsembleAuthenticationProvider')
}

/** Names from ZooKeeper's documentation that its code never reads, and those that it does. */
export const MISNAMED: ReadonlyMap<string, string> = new Map([
  ['maxTimeToWaitForEpoch', 'leader.maxTimeToWaitForEpoch'],
  ['connectionMaxTokens', 'connection_throttle_tokens'],
  ['connectionTokenFillTime', 'connection_throttle_fill_time'],
  ['connectionTokenFillCount', 'connection_throttle_fill_count'],
  ['connectionFreezeTime', 'connection_throttle_freeze_time'],
  ['connectionDropIncrease', 'connection_throttle_drop_increase'],
  ['connectionDropDecrease', 'connection_throttle_drop_decrease'],
  ['connectionDecreaseRatio', 'connection_throttle_decrease_ratio'],
  ['requestThrottleLimit', 'request_throttle_max_requests'],
  ['requestThrottleStallTime', 'request_throttle_stall_time'],
  ['requestThrottleDropStale', 'request_throttle_drop_stale'],
  ['requestStaleLatencyCheck', 'request_stale_latency_check'],
  ['requestStaleConnectionCheck', 'request_stale_connection_check'],
  ['throttledOpWaitTime', 'throttled_op_wait_time'],
])
