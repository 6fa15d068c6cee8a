// Names that ZooKeeper knows and that change nothing here: why not, and what to say about them.
// Names with an effect are in config/settings/, and so are those of missing features.
//
//   ensemble   only matters with more than one server
//   java       tunes threads, pools or caches that this server does not have
//   logging    where Java's log goes; ours goes to standard output
//   missing    not supported yet: said loudly, unless the value switches it off anyway
//
// Names of system properties are given without `zookeeper.`. If a name is on two lists, the longer
// match counts.

import { MISSING_FEATURES } from '../settings/registry.ts'
import { NameList } from './name-list.ts'

export type NoEffect = 'ensemble' | 'java' | 'logging' | 'missing'

const NAMES: Readonly<Record<NoEffect, NameList>> = {
  ensemble: new NameList(`
    oraclePath quorum.cnxn. multiAddress.
    quorumCnxnTimeoutMs fastleader. leader. leaderConnectDelayDuringRetryMs observer. observerMaster.
    learner. follower. tcpKeepAlive forward_learner_requests_to_commit_processor_disabled
    forceSnapshotSync db.autocreate`),
  java: new NameList(`
    nio. netty. commitProcessor. intBufferStartingSizeBytes maxResponseCacheSize
    maxGetChildrenResponseCacheSize flushDelay maxBatchSize maxWriteQueuePollTime jvm. jmx.
    messageTracker. request_throttler. watchManagerName watcherCleanIntervalInSeconds
    watcherCleanThreadsNum watcherCleanThreshold maxInProcessingDeadWatchers bitHashCacheSize
    closeSessionTxn.enabled fips-mode client. server. clientCnxnSocket
    ssl.sslProvider ssl.quorum.sslProvider sslProvider
    hostProvider. sasl.client. kinit jaasLoginRenew
    kerberos.canonicalizeHostNames kerberos.minReLoginTimeMs requireKerberosConfig disableAutoWatchReset shuffleDnsResponse request.timeout`),
  logging: new NameList('log. log4j. console. root. tracelog. rolling.'),
  missing: new NameList(`
    ${MISSING_FEATURES.map(({ names }) => names).join(' ')}
    pathStats. serverCnxnFactory letAnySaslUserDoX
    request_throttle_max_requests request_throttle_stall_time request_throttle_drop_stale
    request_stale_latency_check request_stale_connection_check throttled_op_wait_time
    connection_throttle_tokens connection_throttle_fill_time connection_throttle_fill_count
    connection_throttle_freeze_time connection_throttle_drop_increase
    connection_throttle_drop_decrease connection_throttle_decrease_ratio
    connection_throttle_weight_enabled connection_throttle_global_session_weight
    connection_throttle_local_session_weight connection_throttle_renew_session_weight
    largeRequestMaxBytes largeRequestThreshold emulate353TTLNodes controllerPort
    authProvider.`),
}

/** Why the name changes nothing; null if ZooKeeper does not know it, or it has an effect. */
export function whyNoEffect(name: string): NoEffect | null {
  let best: NoEffect | null = null
  let bestLength = 0
  for (const [why, names] of Object.entries(NAMES)) {
    const length = names.matchLength(name)
    if (length <= bestLength) continue
    best = why as NoEffect
    bestLength = length
  }
  return best
}

/** For suggestions. */
export const NAMES_WITHOUT_EFFECT: readonly string[] = Object.values(NAMES).flatMap(({ exact }) => [
  ...exact,
])

/** What happens instead, in an ensemble. */
export const ENSEMBLE_REMARKS: ReadonlyMap<string, string> = new Map([
  ['oraclePath', 'is not supported and has no effect'],
])

/** Values that ask for nothing. */
const OFF: ReadonlySet<string> = new Set(['false', 'no', 'off', '0', '-1', ''])

export function isOff(value: string): boolean {
  return OFF.has(value.toLowerCase())
}

/** Java classes whose work is done here anyway, by the end of their names. */
const BUILT_IN =
  /\.(NIOServerCnxnFactory|NettyServerCnxnFactory|DigestAuthenticationProvider|IPAuthenticationProvider)$/

/** Whether this server has an equivalent of a Java class that the configuration names. */
export function isBuiltIn(className: string): boolean {
  return BUILT_IN.test(className)
}

/** ZooKeeper's providers of schemes that are off unless they are named. */
const PROVIDERS: Readonly<Record<string, string>> = {
  X509AuthenticationProvider: 'x509',
  EnsembleAuthenticationProvider: 'ensemble',
  SASLAuthenticationProvider: 'sasl',
}

/** The scheme that the class of an `authProvider.N` switches on; null if it is none of those. */
export function schemeOf(className: string): string | null {
  return PROVIDERS[className.slice(className.lastIndexOf('.') + 1)] ?? null
}

/** `superUser.1` and its like: each names one more. */
export function isSuperUser(key: string): boolean {
  return key === 'superUser' || key.startsWith('superUser.')
}

/** Names of which operators expect something that ZooKeeper does not do either. */
export const UNREAD: ReadonlyMap<string, string> = new Map([
  [
    'requireClientAuthScheme',
    ', as with ZooKeeper: sessionRequireClientSASLAuth=true keeps out who has not authenticated',
  ],
])

/** Names in ZooKeeper's documentation that its code never reads, with the names that it reads. */
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
