#!/usr/bin/env bash
# The entry point for values files that were written for Bitnami's image: their variables become a zoo.cfg, unless
# one is mounted. docs/containers.md has the variables.
#
#   /entrypoint.sh /run.sh
set -euo pipefail

base="${ZOO_BASE_DIR:-/opt/bitnami/zookeeper}"
conf="${ZOO_CONF_DIR:-$base/conf}"
volume="${ZOO_VOLUME_DIR:-/bitnami/zookeeper}"
data="${ZOO_DATA_DIR:-$volume/data}"
config="$conf/zoo.cfg"

# What may be a secret may also be in a file that NAME_FILE names.
for name in ZOO_CLIENT_USER ZOO_CLIENT_PASSWORD ZOO_SERVER_USERS ZOO_SERVER_PASSWORDS ZOO_QUORUM_LEARNER_USER \
  ZOO_QUORUM_LEARNER_PASSWORD ZOO_QUORUM_SERVER_USERS ZOO_QUORUM_SERVER_PASSWORDS ZOO_TLS_CLIENT_KEYSTORE_PASSWORD \
  ZOO_TLS_CLIENT_TRUSTSTORE_PASSWORD ZOO_TLS_QUORUM_KEYSTORE_PASSWORD ZOO_TLS_QUORUM_TRUSTSTORE_PASSWORD \
  ZOO_SERVER_ID ZOO_SERVERS; do
  file="${name}_FILE"
  [ -z "${!file:-}" ] || export "$name=$(<"${!file}")"
done

is_yes() {
  [[ "${1,,}" =~ ^(yes|true|1)$ ]]
}

stop() {
  echo "entrypoint: $1" >&2
  exit 2
}

put() {
  [ -z "$2" ] || echo "$1=$2" >>"$config"
}

# A value as JAAS writes it.
quoted() {
  local text="${1//\\/\\\\}"
  printf '"%s"' "${text//\"/\\\"}"
}

# user_NAME="password" for each pair of two lists.
users() {
  local names passwords i
  IFS=',; ' read -ra names <<<"$1"
  IFS=',; ' read -ra passwords <<<"$2"
  [ ${#names[@]} = ${#passwords[@]} ] || stop "there are ${#names[@]} users and ${#passwords[@]} passwords"
  for i in "${!names[@]}"; do
    echo "    user_${names[$i]}=$(quoted "${passwords[$i]}")"
  done
}

stores() {
  local variable="$1" key="$2" part name
  for part in KEYSTORE TRUSTSTORE; do
    local store=keyStore
    [ $part = KEYSTORE ] || store=trustStore
    for name in FILE:location TYPE:type PASSWORD:password; do
      local from="${variable}_${part}_${name%:*}"
      put "$key.$store.${name#*:}" "${!from:-}"
    done
  done
}

write_servers() {
  local servers number=0 server
  IFS=',; ' read -ra servers <<<"${ZOO_SERVERS:-}"
  [ ${#servers[@]} -gt 1 ] || return 0
  for server in "${servers[@]}"; do
    number=$((number + 1))
    local id="$number"
    case "$server" in *::*)
      id="${server##*::}"
      server="${server%%::*}"
      ;;
    esac
    if is_yes "${ZOO_TLS_CLIENT_ENABLE:-false}"; then put "server.$id" "$server"
    else put "server.$id" "$server;${ZOO_PORT_NUMBER:-2181}"; fi
  done
}

write_jaas() {
  local jaas="$conf/zoo_jaas.conf"
  {
    if is_yes "${ZOO_ENABLE_AUTH:-no}"; then
      echo 'Server {'
      echo '    org.apache.zookeeper.server.auth.DigestLoginModule required'
      users "${ZOO_SERVER_USERS:-}" "${ZOO_SERVER_PASSWORDS:-}"
      echo '    ;'
      echo '};'
    fi
    if is_yes "${ZOO_ENABLE_QUORUM_AUTH:-no}"; then
      echo 'QuorumServer {'
      echo '    org.apache.zookeeper.server.auth.DigestLoginModule required'
      users "${ZOO_QUORUM_SERVER_USERS:-}" "${ZOO_QUORUM_SERVER_PASSWORDS:-}"
      echo '    ;'
      echo '};'
      echo 'QuorumLearner {'
      echo '    org.apache.zookeeper.server.auth.DigestLoginModule required'
      echo "    username=$(quoted "${ZOO_QUORUM_LEARNER_USER:-}")"
      echo "    password=$(quoted "${ZOO_QUORUM_LEARNER_PASSWORD:-}")"
      echo '    ;'
      echo '};'
    fi
  } >"$jaas"
  chmod 600 "$jaas"
  echo "export SERVER_JVMFLAGS=\"-Djava.security.auth.login.config=$jaas \${SERVER_JVMFLAGS:-}\"" >"$conf/java.env"
}

write_config() {
  : >"$config"
  put dataDir "$data"
  put dataLogDir "${ZOO_DATA_LOG_DIR:-}"
  put tickTime "${ZOO_TICK_TIME:-2000}"
  put initLimit "${ZOO_INIT_LIMIT:-10}"
  put syncLimit "${ZOO_SYNC_LIMIT:-5}"
  put preAllocSize "${ZOO_PRE_ALLOC_SIZE:-65536}"
  put snapCount "${ZOO_SNAPCOUNT:-100000}"
  put maxCnxns "${ZOO_MAX_CNXNS:-0}"
  put maxClientCnxns "${ZOO_MAX_CLIENT_CNXNS:-60}"
  put reconfigEnabled "$(is_yes "${ZOO_RECONFIG_ENABLED:-no}" && echo true || echo false)"
  put quorumListenOnAllIPs "$(is_yes "${ZOO_LISTEN_ALLIPS_ENABLED:-no}" && echo true || echo false)"
  put autopurge.purgeInterval "${ZOO_AUTOPURGE_INTERVAL:-0}"
  put autopurge.snapRetainCount "${ZOO_AUTOPURGE_RETAIN_COUNT:-3}"
  put maxSessionTimeout "${ZOO_MAX_SESSION_TIMEOUT:-40000}"
  put 4lw.commands.whitelist "${ZOO_4LW_COMMANDS_WHITELIST:-srvr, mntr}"
  put admin.serverAddress "${ZOO_ADMIN_SERVER_ADDRESS:-127.0.0.1}"
  put admin.serverPort "${ZOO_ADMIN_SERVER_PORT_NUMBER:-8080}"
  put admin.enableServer "$(is_yes "${ZOO_ENABLE_ADMIN_SERVER:-no}" && echo true || echo false)"
  put peerType "${ZOO_PEER_TYPE:-}"
  if is_yes "${ZOO_ENABLE_PROMETHEUS_METRICS:-no}"; then
    put metricsProvider.className org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider
    put metricsProvider.httpPort "${ZOO_PROMETHEUS_METRICS_PORT_NUMBER:-7000}"
    put metricsProvider.exportJvmInfo true
  fi
  if is_yes "${ZOO_TLS_CLIENT_ENABLE:-false}"; then
    put client.secure true
    put secureClientPort "${ZOO_TLS_PORT_NUMBER:-3181}"
    put serverCnxnFactory org.apache.zookeeper.server.NettyServerCnxnFactory
    put ssl.clientAuth "${ZOO_TLS_CLIENT_AUTH:-need}"
    stores ZOO_TLS_CLIENT ssl
  else
    put clientPort "${ZOO_PORT_NUMBER:-2181}"
  fi
  if is_yes "${ZOO_TLS_QUORUM_ENABLE:-false}"; then
    put sslQuorum true
    put serverCnxnFactory org.apache.zookeeper.server.NettyServerCnxnFactory
    put ssl.quorum.clientAuth "${ZOO_TLS_QUORUM_CLIENT_AUTH:-need}"
    stores ZOO_TLS_QUORUM ssl.quorum
  fi
  if is_yes "${ZOO_ENABLE_AUTH:-no}"; then
    put authProvider.1 org.apache.zookeeper.server.auth.SASLAuthenticationProvider
    put sessionRequireClientSASLAuth true
  fi
  if is_yes "${ZOO_ENABLE_QUORUM_AUTH:-no}"; then
    put quorum.auth.enableSasl true
    put quorum.auth.learnerRequireSasl true
    put quorum.auth.serverRequireSasl true
    put quorum.auth.learner.saslLoginContext QuorumLearner
    put quorum.auth.server.saslLoginContext QuorumServer
  fi
  # Any other key: ZOO_CFG_a_b=c is a.b=c.
  local name
  for name in "${!ZOO_CFG_@}"; do
    local key="${name#ZOO_CFG_}"
    put "${key//_/.}" "${!name}"
  done
  write_servers
  if is_yes "${ZOO_ENABLE_AUTH:-no}" || is_yes "${ZOO_ENABLE_QUORUM_AUTH:-no}"; then write_jaas; fi
}

setup() {
  if ! is_yes "${ZOO_ENABLE_AUTH:-no}" && ! is_yes "${ALLOW_ANONYMOUS_LOGIN:-yes}"; then
    stop 'ZOO_ENABLE_AUTH is not yes: set it, or ALLOW_ANONYMOUS_LOGIN=yes if everybody may connect'
  fi
  mkdir -p "$data"
  [ -f "$data/myid" ] || echo "${ZOO_SERVER_ID:-1}" >"$data/myid"
  # What somebody else wrote stays.
  if [ ! -f "$config" ] || grep -q '^# written by the entry point' "$config"; then
    write_config
    echo '# written by the entry point' >>"$config"
  fi
}

case "${1:-}" in
  */run.sh | run.sh) setup ;;
esac
export ZOOCFGDIR="$conf"
exec "$@"
